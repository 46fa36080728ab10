"""What Twilio reports about a call, in our words."""

from collections.abc import Mapping

from telephony.carrier import AnsweredBy, CallState, StatusReport

STATES: Mapping[str, CallState] = {
    "queued": CallState.QUEUED,
    "initiated": CallState.QUEUED,
    "ringing": CallState.RINGING,
    "in-progress": CallState.ANSWERED,
    "answered": CallState.ANSWERED,
    "completed": CallState.COMPLETED,
    "busy": CallState.BUSY,
    "no-answer": CallState.NO_ANSWER,
    "failed": CallState.FAILED,
    "canceled": CallState.CANCELED,
}
_ANSWERED_BY: Mapping[str, AnsweredBy] = {
    "human": AnsweredBy.HUMAN,
    "machine_start": AnsweredBy.MACHINE,
    "machine_end_beep": AnsweredBy.MACHINE,
    "machine_end_silence": AnsweredBy.MACHINE,
    "machine_end_other": AnsweredBy.MACHINE,
    "fax": AnsweredBy.FAX,
}
_DIGITS = 9


def read_report(form: Mapping[str, str]) -> StatusReport:
    """Return what a status or machine-detection callback says; unknown words say nothing.

    A verdict that is not known counts as ``unknown``, which is a human.
    """
    answered = form.get("AnsweredBy")
    return StatusReport(
        call=form.get("CallSid", ""),
        state=STATES.get(form.get("CallStatus", "")),
        sequence=_number(form.get("SequenceNumber", "")),
        answered_by=_ANSWERED_BY.get(answered, AnsweredBy.UNKNOWN) if answered else None,
        sip_code=_number(form.get("SipResponseCode", "")),
        details={name: form[name] for name in ("CallDuration", "ErrorCode") if name in form},
    )


def _number(text: str) -> int | None:
    readable = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if readable else None
