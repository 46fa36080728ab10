"""What a respondent may want besides answering."""

from collections.abc import Iterator

from survey_engine.answer import Answer
from survey_engine.event import AbuseHeard, ItemsReopened, PersonRequested
from survey_engine.input import Abuse, GoBack, HoldOn, SayAgain, WantPerson, WhoAreYou
from survey_engine.item import Role
from survey_engine.readback import which_wait
from survey_engine.script import Line
from survey_engine.sprint import Sprint
from survey_engine.wait import Style, WaitKind

#: Swearing is met calmly once; the second time a person takes over (promise P57).
ABUSE_LIMIT = 2
_MANNERS = {"repeat": Style.REPEAT, "slower": Style.SLOWER, "explain": Style.EXPLAIN}


def ask_same(sprint: Sprint, style: Style) -> None:
    """Ask the waiting question once more in this style."""
    if sprint.interview.wait is not None:
        sprint.ask(sprint.interview.wait, style)


def say_again(sprint: Sprint, given: SayAgain) -> None:
    """Repeat, slow down or explain; none of them counts as not understood."""
    style = _MANNERS.get(given.manner)
    if style is None:
        known = ", ".join(_MANNERS)
        sprint.refuse("unknown-manner", f"`{given.manner}` is no manner of repeating; use {known}.")
        return
    ask_same(sprint, style)


def hold_on(sprint: Sprint, given: HoldOn) -> None:
    """Let the respondent take their time; the question stays."""
    del given
    sprint.say(Line.WAIT)


def who_are_you(sprint: Sprint, given: WhoAreYou) -> None:
    """Say again who calls, why, and how to check it; then the question stands again."""
    del given
    sprint.say(Line.WHO_ARE_YOU)
    ask_same(sprint, Style.REPEAT)


def abuse(sprint: Sprint, given: Abuse) -> None:
    """Stay calm once; then a person takes over."""
    del given
    sprint.emit(AbuseHeard(at=sprint.at))
    if sprint.interview.abuses >= ABUSE_LIMIT:
        hand_over(sprint, "abuse")
        return
    sprint.say(Line.ABUSE)
    ask_same(sprint, Style.REPEAT)


def want_person(sprint: Sprint, given: WantPerson) -> None:
    """A person takes over at this question."""
    del given
    hand_over(sprint, "wanted")


def hand_over(sprint: Sprint, reason: str) -> None:
    """Stop the machine's questions and call a person to this interview."""
    sprint.review("", f"person:{reason}")
    sprint.say(Line.PERSON_COMING)
    sprint.emit(PersonRequested(at=sprint.at, reason=reason))


def go_back(sprint: Sprint, given: GoBack) -> None:
    """Ask an earlier item again: the named one, or the one answered last."""
    interview, wait = sprint.interview, sprint.interview.wait
    if wait and wait.kind is WaitKind.READBACK and not given.item:
        sprint.ask(which_wait(interview, wait.target.partition(":")[2]))
        return
    name = given.item or next(_latest_first(sprint), "")
    if not name:
        sprint.refuse(
            "nothing-earlier", "Nothing was answered yet, so there is nothing to go back to."
        )
    elif name not in interview.answers or not interview.instance.is_relevant(name):
        sprint.refuse(
            "not-answered", f"`{name}` has no answer that could be changed; name one that has."
        )
    else:
        sprint.emit(ItemsReopened(at=sprint.at, items=(name,)))


def _latest_first(sprint: Sprint) -> Iterator[str]:
    interview = sprint.interview
    waiting = interview.wait.item if interview.wait else ""
    answers: list[tuple[str, Answer]] = list(interview.answers.items())
    for name, _answer in reversed(answers):
        item = interview.questionnaire.item(name)
        identifying = item is None or item.role in (Role.SPEAKER, Role.CERTIFICATE)
        if name != waiting and not identifying and interview.instance.is_relevant(name):
            yield name
