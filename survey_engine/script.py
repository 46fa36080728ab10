"""The sentences of an interview that are not questions of the form."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Line(StrEnum):
    """Key of one scripted sentence; every questionnaire words each of them.

    The engine only names a line. Its words are data of the form (``script``), because they
    differ by county, channel and wave.
    """

    OPENING = "opening"
    WHO_ARE_YOU = "who_are_you"
    CHANNEL_OFFER = "channel_offer"
    RELATION = "relation"
    GUARDIAN_NEEDED = "guardian_needed"
    IDENTITY_FAILED = "identity_failed"
    CONSENT = "consent"
    CONSENT_SENSITIVE_REFUSED = "consent_sensitive_refused"
    SPEAKER_CHANGED = "speaker_changed"
    RESUMED = "resumed"
    RECONFIRM = "reconfirm"
    NO_INPUT = "no_input"
    WAIT = "wait"
    DECLINE_ONCE = "decline_once"
    HANDED_OFF = "handed_off"
    READBACK_WHICH = "readback_which"
    CORRECT_WHICH = "correct_which"
    CONFIRM_VALUE = "confirm_value"
    STILL_SO = "still_so"
    PERSON_COMING = "person_coming"
    ABUSE = "abuse"
    CLARIFY_DEATH = "clarify_N01"
    CONDOLENCE = "condolence"
    OPTED_OUT = "opted_out"
    FRAUD = "fraud"
    DISTRESS = "distress"
    WRONG_PERSON = "wrong_person"
    CALL_LATER = "call_later"
    ELSEWHERE = "elsewhere"
    OUTCOME_NOTED = "outcome_noted"
    COMPLETED = "completed"
    PARTIAL = "partial"


#: Lines that a form may leave out, and what is said in their place.
MAY_BE_MISSING: Final[Mapping[Line, Line]] = {Line.ELSEWHERE: Line.CALL_LATER}
