"""What the caller reads out, what may be answered, and what the respondent's words suggest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dialog.message import offers
from dialog.question import Question
from dialog.understanding import Understanding, Understood, circumstances_of
from dialog.wording import Office, value_in_words, wording_of
from survey_engine.event import Asked
from survey_engine.interview import Interview
from survey_engine.wait import Accepts, Style, WaitKind
from survey_engine.waiting import item_wait

_MOST_KEYS = 9
#: What a respondent may want besides answering, as the caller is told of it.
_WISHES: Mapping[str, str] = {
    "distress": "像是有危险或在求助：先问清，必要时挂断后记“求助或危机”。",
    "stop": "像是不想再接电话：问一句，确实如此就记“拒访”。",
    "fraud_suspicion": "像是怀疑诈骗：报核实电话，仍不愿意就记“怀疑是诈骗”。",
    "wrong_person": "像是打错了：问清后记“打错了”。",
    "deceased": "像是说人已过世：轻声问一句，确实如此就记“去世了”。",
    "moved": "像是搬走或户口迁走：问清是哪一种。",
    "not_here": "像是本人不在：问什么时候在，可以约时间。",
    "call_later": "像是这会儿没空：约个时间。",
    "elsewhere": "像是想在微信或短信里答：按 c 发给对方，再记结果。",
    "human": "对方要找工作人员，您就是。",
    "repeat": "请再念一遍。",
    "slower": "请念慢一点。",
    "explain": "请按下面的解释说一遍。",
    "wait": "请等一等。",
    "correct_previous": "像是要改前面的话：按“改上一题”。",
    "dont_know": "像是不知道：可以记“不知道”。",
    "refuse_item": "像是不想答这一问：可以记“不想说”。",
    "who_are_you": "对方问您是谁：报单位、姓名和核实电话。",
    "abuse": "请平静应对。",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One value that a key takes; ``share`` is how probable the words make it, or empty."""

    value: str
    words: str
    share: str = ""
    percent: int = 0
    suggested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One question as the desk shows it.

    ``field`` is the kind of field that a value is typed into, or empty; ``wish`` what the words
    ask for besides an answer; ``heard`` the words that the suggestion rests on.
    """

    target: str
    title: str
    ask: str
    explain: str
    rows: Sequence[Row]
    several: bool
    field: str
    last_year: str
    confirms: bool
    heard: str = ""
    wish: str = ""
    unsure: bool = False


def asked_about(interview: Interview, name: str) -> Interview:
    """Return the interview as if it were asking ``name``; as it stands if that cannot be asked."""
    item = interview.questionnaire.item(name)
    waits = interview.wait
    if item is None or not item.type.is_question or not interview.instance.is_relevant(name):
        return interview
    if interview.is_withheld(item) or (waits is not None and waits.item == name):
        return interview
    return replace(interview, wait=item_wait(interview, item))


def reading_of(
    interview: Interview, understanding: Understanding, words: str, office: Office
) -> Reading | None:
    """Return the waiting question with what ``words`` suggest; None if nothing is asked."""
    wait = interview.wait
    if wait is None:
        return None
    item = interview.questionnaire.item(wait.item)
    understood = _understood(interview, understanding, words)
    plain = interview.last_year.get(wait.item, "")
    return Reading(
        target=wait.target,
        title=f"{item.name} {item.label}" if item else "",
        ask=_worded(interview, Style.ASK, office),
        explain=_worded(interview, Style.EXPLAIN, office),
        rows=_rows(interview, understood),
        several=wait.accepts is Accepts.CHOICES,
        field=_FIELDS.get(wait.accepts, ""),
        last_year=value_in_words(interview, wait.item, plain) if plain and item else "",
        confirms=wait.kind in (WaitKind.CONFIRM, WaitKind.LAST, WaitKind.READBACK),
        heard=words,
        wish=_WISHES.get(understood.intent, "") if understood else "",
        unsure=understood is not None and not understood.intent and not understood.candidates,
    )


_FIELDS: Mapping[Accepts, str] = {
    Accepts.INTEGER: "numeric",
    Accepts.DECIMAL: "decimal",
    Accepts.DIGITS: "numeric",
    Accepts.DATE: "date",
    Accepts.TIME: "text",
    Accepts.DATETIME: "text",
    Accepts.TEXT: "text",
}


def _worded(interview: Interview, style: Style, office: Office) -> str:
    wait = interview.wait
    if wait is None:
        return ""
    return wording_of(interview, Asked(at=interview.at, wait=wait, style=style), office)


def _understood(
    interview: Interview, understanding: Understanding, words: str
) -> Understood | None:
    question = Question.of_interview(interview)
    if question is None or not words:
        return None
    return understanding.understand(question, words, circumstances_of(interview))


def _rows(interview: Interview, understood: Understood | None) -> Sequence[Row]:
    """Return what is on offer, always in the form's order, so that keys keep their meaning."""
    wait = interview.wait
    if wait is None:
        return ()
    read = {one.value: one.confidence for one in understood.candidates} if understood else {}
    best = max(read, key=lambda value: read[value], default="")
    suggested = understood.value if understood and understood.value else best
    known = {one.sends: one.shows for one in offers(interview)}
    others = {} if known else {value: _shown(interview, value) for value in read}
    return [
        _row(value, shows, read.get(value, 0.0), suggested=value == suggested)
        for value, shows in (known or others).items()
    ]


def _shown(interview: Interview, value: str) -> str:
    return value_in_words(interview, interview.wait.target, value) if interview.wait else value


def _row(value: str, shows: str, share: float, *, suggested: bool) -> Row:
    percent = round(100 * share)
    return Row(value, shows, f"{percent}%" if percent else "", percent, suggested)
