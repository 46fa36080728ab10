"""The conversation as a telephone has it: turns of a call into turns of the interview, and back."""

from dataclasses import dataclass, replace
from datetime import datetime

from dialog.conversation import Conversation, Turn
from dialog.message import Message, messages
from dialog.question import Question
from dialog.utterance import Utterance
from dialog.wording import wording_of
from survey_engine import input as given
from survey_engine.answer import Heard
from survey_engine.channel import Channel
from survey_engine.event import Asked, InputRefused, Said
from survey_engine.interview import Interview, Status
from survey_engine.script import Line
from survey_engine.wait import Accepts, Style, Wait
from telephony.hints import hints_of
from telephony.interviewer import Contribution, Expectation, Reply
from telephony.keypad import keys_of
from telephony.manner import Manner
from telephony.turn_rules import TurnRules, kind_of, turn_rules

#: What only somebody who has heard the question can have meant.
_ANSWERS = (
    given.Record,
    given.Confirm,
    given.AskAgain,
    given.HandOff,
    given.Affirm,
    given.Deny,
    given.Unknown,
    given.Decline,
)
#: What says more than its part did, so that both together may stand in its place.
_CLEAR = (given.Record, given.Confirm, given.Affirm, given.Deny)


@dataclass(frozen=True, slots=True)
class PhoneConversation:
    """See the module; pure but for the conversation's reader."""

    conversation: Conversation

    def resume(self, interview: Interview, at: datetime) -> tuple[Turn, ...]:
        """Go on with an interview that was begun before, on whatever channel.

        Whoever takes the call is not known yet, and hears first who is calling; that it goes on
        from last time is said only to somebody who answered something then.
        """
        before: tuple[Turn, ...] = ()
        if interview.status is Status.OPEN:
            before = (self.leave(interview, "dropped", at),)
            interview = before[-1].interview
        turn = self.conversation.put(interview, given.Resume(at=at, channel=Channel.VOICE))
        return (*before, replace(turn, messages=(self.opening(turn.interview), *_greeted(turn))))

    def go_on(
        self, interview: Interview, at: datetime, rules: TurnRules | None = None
    ) -> tuple[Turn, ...]:
        """Go on in the middle of a call with whom a person was speaking until now.

        They hear that a machine goes on, how to get back to a person, and the waiting question;
        who they are is known.
        """
        turns = self.move(interview, at, Channel.VOICE)
        said = Message("say", "", (rules or turn_rules()).lines["machine"])
        return (*turns[:-1], replace(turns[-1], messages=(said, *_unresumed(turns[-1]))))

    def move(self, interview: Interview, at: datetime, channel: Channel) -> tuple[Turn, ...]:
        """Go on with the same speaker on ``channel`` at the question that waits."""
        before: tuple[Turn, ...] = ()
        if interview.status is Status.OPEN:
            before = (self.leave(interview, "dropped", at),)
            interview = before[-1].interview
        resume = given.Resume(at=at, channel=channel, same_speaker=True)
        return (*before, self.conversation.put(interview, resume))

    def opening(self, interview: Interview) -> Message:
        """Return who is calling and what one has to know, as the form words it."""
        said = Said(at=interview.at, line=Line.OPENING)
        return Message("say", "", wording_of(interview, said, self.conversation.office))

    def take(
        self, interview: Interview, turn: Contribution, at: datetime, call: str
    ) -> Turn | None:
        """Take a turn of ``call``; None if it says nothing to a question not heard yet."""
        name = utterance_of(call, turn.number)
        if turn.silence:
            heard = Heard(utterance=name)
            return self.conversation.put(
                interview, given.AskAgain(at=at, heard=heard, reason=turn.silence)
            )
        wait = interview.wait
        utterance = Utterance(
            id=name,
            at=at,
            words=turn.words,
            tapped=turn.tapped,
            target=wait.target if wait and turn.tapped else "",
            confidence=turn.confidence,
            hearings=turn.hearings,
        )
        if turn.continues:
            before = utterance_of(call, turn.number - 1)
            joined = self._joined(interview, utterance, turn.continues, before)
            if joined is not None:
                return joined
        return self._unless_unheard(interview, utterance, unheard=turn.unheard)

    def _unless_unheard(
        self, interview: Interview, utterance: Utterance, *, unheard: bool
    ) -> Turn | None:
        if not unheard:
            return self.conversation.take(interview, utterance)
        meant = self.conversation.reader.read(interview, utterance)
        return None if isinstance(meant, _ANSWERS) else self.conversation.put(interview, meant)

    def _joined(
        self, interview: Interview, utterance: Utterance, earlier: str, before: str
    ) -> Turn | None:
        """Take an answer that went on after it had been taken for whole, instead of its part.

        What the part led to is taken back; None if both together say nothing that is clearer.
        """
        back = self._taken_back(interview, before, utterance.at)
        if back is None:
            return None
        for pause in ("", "，"):
            words = f"{earlier}{pause}{utterance.words}"
            whole = replace(utterance, words=words, hearings=())
            meant = self.conversation.reader.read(back.interview, whole)
            if isinstance(meant, _CLEAR):
                turn = self.conversation.put(back.interview, meant)
                return replace(turn, events=(*back.events, *turn.events))
        return None

    def _taken_back(self, interview: Interview, before: str, at: datetime) -> Turn | None:
        """Return the turn to the question that the utterance ``before`` answered, if it did."""
        if interview.wait is not None and interview.wait.tries:
            return Turn(interview, (), ())
        answered = [
            name for name, one in interview.answers.items() if one.heard.utterance == before
        ]
        if not answered:
            return None
        back = self.conversation.put(interview, given.GoBack(at=at, item=answered[-1]))
        refused = any(isinstance(event, InputRefused) for event in back.events)
        return None if refused else back

    def again(self, interview: Interview) -> Turn:
        """Return the waiting question once more, without a trace in the interview."""
        asked = (
            (Asked(at=interview.at, wait=interview.wait, style=Style.REPEAT),)
            if interview.wait and interview.status is Status.OPEN
            else ()
        )
        return Turn(interview, asked, tuple(messages(interview, asked, self.conversation.office)))

    def leave(self, interview: Interview, reason: str, at: datetime) -> Turn:
        """Interrupt an interview: ``later`` says goodbye, ``dropped`` says nothing."""
        return self.conversation.put(interview, given.Pause(at=at, reason=reason))

    def by_keys(self, interview: Interview, rules: TurnRules | None = None) -> Reply | None:
        """Return the waiting question so that keys can answer it, or None if they cannot."""
        wait = interview.wait
        if wait is None or not wait.keypad:
            return None
        asked = Asked(at=interview.at, wait=wait, style=Style.KEYS)
        said = tuple(messages(interview, (asked,), self.conversation.office))
        if wait.accepts is Accepts.YES_NO:
            lines = (rules or turn_rules()).lines
            said = tuple(replace(one, text=one.text + lines["yes_no_keys"]) for one in said)
        return Reply(said, expectation_of(interview), interview.status)


def _greeted(turn: Turn) -> tuple[Message, ...]:
    """Leave out what only makes sense to somebody who was spoken with before."""
    if any(answer.value for answer in turn.interview.answers.values()):
        return turn.messages
    return _unresumed(turn)


def _unresumed(turn: Turn) -> tuple[Message, ...]:
    """Leave out that it goes on from last time."""
    resumed = turn.interview.questionnaire.script.get(str(Line.RESUMED))
    return tuple(one for one in turn.messages if resumed is None or one.text != resumed.text)


def reply_of(turn: Turn) -> Reply:
    """Return what a turn has a call say, and then expect."""
    asked = [event for event in turn.events if isinstance(event, Asked)]
    return Reply(
        messages=tuple(one for one in turn.messages if one.text),
        expects=expectation_of(turn.interview),
        status=turn.interview.status,
        asks=bool(asked) or not turn.messages,
        slower=any(event.style is Style.SLOWER for event in asked),
        repeats=any(event.style is Style.REPEAT for event in asked),
    )


def expectation_of(interview: Interview) -> Expectation | None:
    """Return what the waiting question expects, or None if none waits."""
    wait = interview.wait
    if wait is None or interview.status is not Status.OPEN:
        return None
    hints = hints_of(Question.of_interview(interview))
    return Expectation(kind_of(wait), keys_of(interview), _digits(wait), hints)


def _digits(wait: Wait) -> tuple[int, int] | None:
    return wait.digits if wait.accepts is Accepts.DIGITS else None


def first_manner(interview: Interview, rules: TurnRules | None = None) -> Manner:
    """Return how somebody may talk whom we have never heard, by what the register says."""
    facts = interview.facts
    age = int(facts["age"]) if facts.get("age", "").isdigit() else None
    pause = (rules or turn_rules()).first_pause(facts.get("category", ""), age)
    return Manner(pause=pause)


def utterance_of(call: str, number: int) -> str:
    """Return the name of the turn ``number`` of ``call``, in records and beside its sound."""
    return f"{call}:{number}"
