"""Dialogues: one readable file a talk, from greeting to goodbye, held with the real machine.

A file has a title, ``key: value`` lines about the person, a table of what they say when they are
asked, and what must have come of it. ``实情`` is how things truly are: whatever is recorded must
agree with it, and a respondent to whom a value is read back says 对 or 不对 by it. What nothing in
the table answers is answered by the person of ``其余`` (``people/*.md``), who speaks plainly.

In the table ``问`` is the question (``A4``, ``E5/2``, ``consent``), after ``核`` a value read back,
after ``去年`` last year's value, after ``念`` a section read back; a star marks what may never be
asked. Rows of one question are used in turn. Rows in brackets happen after the row before them.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from dialog.conversation import Conversation, Reader, Turn
from dialog.utterance import Utterance
from dialog.wording import Office
from survey_engine.answer import AnswerState
from survey_engine.channel import Channel
from survey_engine.input import Close, Pause, Resume
from survey_engine.interview import Interview, Status
from survey_engine.questionnaire import Questionnaire
from survey_engine.wait import Wait, WaitKind

FOLDER = Path(__file__).parents[1] / "corpus" / "dialogues"
_TURNS = 160
_PREFIX = {WaitKind.CONFIRM: "核", WaitKind.LAST: "去年", WaitKind.READBACK: "念"}
#: What each line at the end of a file lets the state of an item be.
_STATES: Mapping[str, tuple[AnswerState | None, ...]] = {
    "不记": (None, AnswerState.TO_VERIFY, AnswerState.DECLINED, AnswerState.UNKNOWN),
    "等人": (AnswerState.TO_VERIFY,),
    "不答": (AnswerState.DECLINED, AnswerState.UNKNOWN),
}
_MUMBLED, _BADLY_HEARD, _WELL_HEARD = "（含混）", 0.3, 0.95
_YES, _NO = "对，是的", "不对"


@dataclass(slots=True)
class Row:
    """One thing said: to which question, in which words, and what must come of it."""

    asked: str
    says: str
    must: str
    optional: bool = False
    used: bool = False


@dataclass(slots=True)
class Dialogue:
    """One talk as its file tells it."""

    name: str
    title: str
    about: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def pairs(self, key: str) -> dict[str, str]:
        """Return ``key: A3=1 E5=1+2`` as a mapping."""
        return dict(pair.split("=", 1) for pair in shlex.split(self.about.get(key, "")))

    def words(self, key: str) -> list[str]:
        """Return the words of a line."""
        return self.about.get(key, "").split()


def read_dialogue(file: Path) -> Dialogue:
    """Read a dialogue, or a person of ``people``."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = Dialogue(file.stem, lines[0].lstrip("# ").strip())
    for line in lines[1:]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and cells[0] not in ("问", "---"):
            asked, says, must = (*cells, "", "")[:3]
            found.rows.append(Row(asked.lstrip("*"), says, must, asked.startswith("*")))
        elif match := re.fullmatch(r"([一-鿿]+): ?(.*)", line):
            found.about[match[1]] = match[2].strip()
    return found


class Talk:
    """Holds one dialogue with the machine; ``faults`` tells every expectation that failed."""

    def __init__(self, form: Questionnaire, reader: Reader, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self.rest = self._rest(dialogue)
        self.truth = {**self.rest.pairs("实情"), **dialogue.pairs("实情")}
        self.talk = Conversation(reader, Office())
        self.at = datetime.fromisoformat("2026-10-12T10:00:00+08:00")
        self.faults: list[str] = []
        self.told: list[str] = []
        self.said: dict[str, str] = {}
        facts = {"reference_day": "2026-09-30", "name": "张试用", **dialogue.pairs("人")}
        self.truth["A2"] = facts["last4"]
        self.channel = Channel(dialogue.about.get("渠道", "voice"))
        turn = self.talk.begin(
            form, facts, dialogue.pairs("去年"), at=self.at, channel=self.channel
        )
        self.interview: Interview = turn.interview
        self._tell(turn)

    @staticmethod
    def _rest(dialogue: Dialogue) -> Dialogue:
        return read_dialogue(FOLDER / "people" / f"{dialogue.about['其余']}.md")

    def hold(self) -> None:
        """Talk until nobody asks any more; then look at what came of it."""
        for _ in range(_TURNS):
            if self.interview.status is not Status.OPEN or self.interview.wait is None:
                break
            self._answer(self.interview.wait)
        else:
            self.faults.append("the talk does not come to an end")
        self._judge()

    def _answer(self, wait: Wait) -> None:
        name = asked_as(wait)
        row = self._next_row(name)
        words = row.says if row else self._plain(name, wait)
        self.said[name] = words
        confidence = _BADLY_HEARD if words.startswith(_MUMBLED) else _WELL_HEARD
        words = words.removeprefix(_MUMBLED)
        self.at += timedelta(seconds=15)
        before = self.interview
        turn = self.talk.take(
            before,
            Utterance(
                id=str(len(self.told)),
                at=self.at,
                words=words,
                confidence=confidence if self.channel.is_spoken else None,
            ),
        )
        self.interview = turn.interview
        self.told.append(f"　{words}")
        self._tell(turn)
        if row:
            self._check(row, wait, before)
            self._act(row)

    def _next_row(self, name: str) -> Row | None:
        row = next((one for one in self.dialogue.rows if one.asked == name and not one.used), None)
        if row:
            row.used = True
        return row

    def _act(self, row: Row) -> None:
        """Do what happens after ``row``: the line breaks, a day goes by, another channel."""
        place = self.dialogue.rows.index(row) + 1
        for act in self.dialogue.rows[place:]:
            if not act.asked.startswith("（"):
                return
            act.used = True
            self.told.append(f"{act.asked}{act.says}")
            self._happens(act)

    def _happens(self, act: Row) -> None:
        if act.asked == "（过后）":
            self.at += timedelta(hours=float(act.says))
            return
        if act.asked == "（断线）":
            turn = self.talk.put(self.interview, Pause(at=self.at, reason="dropped"))
        elif act.asked == "（再来）":
            self.channel = Channel(act.says)
            turn = self.talk.put(self.interview, Resume(at=self.at, channel=self.channel))
        elif act.asked == "（不再打）":
            turn = self.talk.put(self.interview, Close(at=self.at))
        else:
            raise ValueError(f"{self.dialogue.name}: nothing is called {act.asked}")
        self.interview = turn.interview
        self._tell(turn)
        self._expect(act.must, "", None)

    def _plain(self, name: str, wait: Wait) -> str:
        """Return what is said where nothing special happens."""
        if wait.kind is WaitKind.CONFIRM:
            return _YES if self._is_true(wait.target, wait.value) else _NO
        if wait.kind is WaitKind.LAST:
            same = self._is_true(wait.target, wait.value)
            return "还是这样，没变" if same else "变了，跟以前不一样"
        if wait.kind is WaitKind.READBACK:
            return _NO if self._wrong() else _YES
        if wait.kind is WaitKind.WHICH:
            item = self.interview.questionnaire.item(next(iter(self._wrong() or wait.codes)))
            return f"{item.label}不对" if item else ""
        special = [one.says for one in self.dialogue.rows if one.asked == name]
        plain = [one.says for one in self.rest.rows if one.asked == name]
        if not special and not plain:
            self.faults.append(f"{name} is asked, and nobody knows what to say")
        return (plain or special or ["不知道"])[-1]

    def _wrong(self) -> Mapping[str, str]:
        """Return what is recorded against the truth."""
        return {
            name: answer.value
            for name, answer in self.interview.answers.items()
            if answer.value
            and answer.state in (AnswerState.RECORDED, AnswerState.VERIFIED)
            and not self._is_true(name, answer.value)
        }

    def _is_true(self, target: str, value: str) -> bool:
        name, _, option = target.partition("/")
        true = _codes(self.truth.get(name, ""))
        if option:
            return (option in true) == (value == "yes") and bool(true)
        return value == self.truth.get(name) or _codes(value) == true

    def _check(self, row: Row, wait: Wait, before: Interview) -> None:
        self._expect(row.must, row.asked, wait, before)

    def _expect(
        self, must: str, asked: str, wait: Wait | None, before: Interview | None = None
    ) -> None:
        for part in filter(None, (one.strip() for one in must.split("；"))):
            kind, _, value = part.partition(" ")
            if not self._holds(kind, value.strip(), wait, before):
                self.faults.append(
                    f"{asked}「{self.said.get(asked, '')}」应当 {part}：{self._now()}"
                )

    def _holds(self, kind: str, value: str, wait: Wait | None, before: Interview | None) -> bool:
        target, now = wait.target if wait else "", self.interview.wait
        checks: Mapping[str, Callable[[], bool]] = {
            "记": lambda: self._has(target, value),
            "核对": lambda: self._reads_back(target, value),
            "记或核对": lambda: self._has(target, value) or self._reads_back(target, value),
            "再问": lambda: bool(now and now.target == target and now.kind is not WaitKind.CONFIRM),
            "不记": lambda: self._is_unchanged(target, before),
            "接着": lambda: now is not None and asked_as(now) == value,
            "不接着": lambda: now is None or asked_as(now) != value,
            "说": lambda: any(value in one for one in self._last_reply()),
            "状态": lambda: self.interview.status.value == value,
            "结局": lambda: value in self.interview.outcomes,
            "无结局": lambda: not self.interview.outcomes,
        }
        return checks[kind]()

    def _is_unchanged(self, target: str, before: Interview | None) -> bool:
        name, _, option = target.partition("/")
        now = self.interview
        if option and before:
            held, said = (one.options.get(name, {}).get(option) for one in (before, now))
            return said == held or said not in ("yes", "no")
        answer = now.answers.get(name)
        return answer is None or not answer.value or answer == (before and before.answers.get(name))

    def _last_reply(self) -> list[str]:
        reply: list[str] = []
        for line in reversed(self.told):
            if line.startswith("　"):
                break
            reply.append(line)
        return reply

    def _has(self, target: str, value: str) -> bool:
        name, _, option = target.partition("/")
        if option:
            said = self.interview.options.get(name, {}).get(option)
            whole = self.interview.answers.get(name)
            if said is None and whole is not None:
                said = "yes" if option in _codes(whole.value) else "no"
            return said == value
        answer = self.interview.answers.get(name)
        return answer is not None and _codes(answer.value) == _codes(value)

    def _reads_back(self, target: str, value: str) -> bool:
        now = self.interview.wait
        reads = now is not None and now.kind is WaitKind.CONFIRM and now.target == target
        return bool(reads and now and _codes(now.value) == _codes(value))

    def _now(self) -> str:
        wait = self.interview.wait
        return f"{self.interview.status} {self.interview.outcomes} {wait and asked_as(wait)}" + (
            f" ={wait.value}" if wait and wait.value else ""
        )

    def _judge(self) -> None:
        """Compare what there is at the end with what the file demands."""
        held, about = self.interview, self.dialogue.about
        self.faults += [f"recorded against the truth: {k}={v}" for k, v in self._wrong().items()]
        if held.status.value not in about["状态"].split("或"):
            self.faults.append(f"状态 {held.status}")
        if " ".join(held.outcomes) != about.get("结局", ""):
            self.faults.append(f"结局 {held.outcomes}")
        for name, value in self.dialogue.pairs("必记").items():
            if not self._has(name, value):
                self.faults.append(f"必记 {name}={value}: {self._state_of(name)}")
        for key, allowed in _STATES.items():
            for name in self.dialogue.words(key):
                if self._state_of(name) not in allowed:
                    self.faults.append(f"{key} {name}: {self._state_of(name)}")
        unused = [one for one in self.dialogue.rows if not one.used and not one.optional]
        self.faults += [f"never asked: {one.asked}" for one in unused]

    def _state_of(self, name: str) -> AnswerState | None:
        answer = self.interview.answers.get(name)
        return answer.state if answer else None

    def _tell(self, turn: Turn) -> None:
        self.told += [f"{one.item or one.kind}: {one.text}" for one in turn.messages]


def asked_as(wait: Wait) -> str:
    """Return the name under which a dialogue speaks of a question."""
    target = wait.target.partition(":")[2] if wait.kind is WaitKind.READBACK else wait.target
    prefix = _PREFIX.get(wait.kind, "")
    return f"{prefix} {target}" if prefix else target


def _codes(value: str) -> frozenset[str]:
    return frozenset(re.split(r"[ +]", value)) - {""}
