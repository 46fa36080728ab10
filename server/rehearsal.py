"""One interview in the terminal with an invented person, so that a form can be tried by hand."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TextIO

from dialog.conversation import Conversation, Turn
from dialog.message import offers
from dialog.tapped import as_tap
from dialog.utterance import Utterance
from dialog.wording import Office, value_in_words
from server.failure import CommandFailedError
from server.reader import FormReader
from survey_engine.channel import Channel
from survey_engine.event import InputRefused
from survey_engine.interview import Interview, Status
from survey_engine.period import age_on
from survey_engine.questionnaire import Questionnaire

#: An invented holder; region 990000 does not exist, so nobody real can be meant.
INVENTED: Mapping[str, str] = {
    "name": "张试用",
    "certificate": "99000019600229001042",
    "last4": "1042",
    "birth": "1960-02-29",
    "sex": "male",
    "category": "4",
    "grade": "2",
    "residence": "rural",
    "region": "990000100201",
}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A form, the facts of an invented person, and where lines are read from and printed to."""

    form: Questionnaire
    facts: Mapping[str, str]
    channel: Channel
    as_json: bool
    lines: TextIO
    out: TextIO

    @classmethod
    def prepare(
        cls, form: Questionnaire, person: str, channel: str, *, as_json: bool
    ) -> "Rehearsal":
        """Return a rehearsal of ``form``; ``person`` overrides facts as ``name=value,…``."""
        if channel not in {one.value for one in Channel}:
            known = "、".join(Channel)
            raise CommandFailedError(f"--channel {channel} is no channel; use one of {known}.")
        facts = {**_dated(INVENTED), **_overrides(person)}
        return cls(form, facts, Channel(channel), as_json, sys.stdin, sys.stdout)

    def run(self) -> None:
        """Ask until the interview is over or the input ends, then show what was recorded."""
        conversation = Conversation(FormReader(), Office())
        turn = conversation.begin(self.form, self.facts, {}, at=_now(), channel=self.channel)
        self._tell(turn)
        while turn.interview.status is Status.OPEN and (line := self.lines.readline()):
            utterance = Utterance(id=str(turn.interview.length), at=_now(), words=line.strip())
            turn = conversation.take(turn.interview, as_tap(turn.interview, utterance, codes=True))
            self._tell(turn)
        self._close(turn.interview)

    def _tell(self, turn: Turn) -> None:
        for event in turn.events:
            if isinstance(event, InputRefused):
                self._print({"kind": "refused", "code": event.code, "text": event.message})
        for message in turn.messages:
            about = {"item": message.item} if message.item else {}
            self._print({"kind": message.kind, **about, "text": message.text})
        if not self.as_json and turn.interview.wait is not None:
            shown = "　".join(f"{one.sends} {one.shows}" for one in offers(turn.interview))
            print(f"　　{shown}", file=self.out, flush=True)

    def _print(self, line: Mapping[str, str]) -> None:
        if self.as_json:
            text = json.dumps(line, ensure_ascii=False)
        else:
            mark = {"say": "　", "refused": "！"}.get(line["kind"], "问")
            text = f"{mark} {line['text']}"
        print(text, file=self.out, flush=True)

    def _close(self, interview: Interview) -> None:
        if self.as_json:
            return
        for item in self.form.items:
            answer = interview.answers.get(item.name)
            if answer and interview.instance.is_relevant(item.name):
                shown = value_in_words(interview, item.name, answer.value) or "—"
                print(f"{item.name:5} {item.label}：{shown}（{answer.state}）", file=self.out)
        print(f"状态：{interview.status}", file=self.out)


def _now() -> datetime:
    return datetime.now().astimezone()


def _dated(facts: Mapping[str, str]) -> dict[str, str]:
    """Add the reference day of this year (9-30) and the age on it."""
    day = date(_now().year, 9, 30)
    age = age_on(date.fromisoformat(facts["birth"]), day)
    return {**facts, "reference_day": day.isoformat(), "age": str(age)}


def _overrides(person: str) -> dict[str, str]:
    facts = {}
    for part in filter(None, person.split(",")):
        name, equals, value = part.partition("=")
        if not equals:
            raise CommandFailedError(f"--person has `{part}`; write facts as name=value.")
        facts[name.strip()] = value.strip()
    return facts
