"""What is signed at the counter: every answer in words, who gave it, and the digest of it all."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives import hashes

from dialog.wording import value_in_words
from models.case import Case
from models.columns import json_bytes
from server.desk.masking import masked_name
from survey_engine.answer import AnswerState, SpeakerKind
from survey_engine.interview import Interview
from survey_engine.item import Item, Role

_LONG_NUMBER = re.compile(r"[0-9]{7,}[0-9Xx]*")
#: What stands where there is no value, by the answer's state.
_NOTHING = {
    AnswerState.DECLINED: "不愿回答",
    AnswerState.UNKNOWN: "不知道",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the form: the item, its value in words, and whether a proxy gave it (代)."""

    name: str
    label: str
    value: str
    proxy: bool = False
    to_verify: bool = False
    covered: str = ""

    @property
    def masked(self) -> str:
        """The value as a screen shows it before it is read back: of long numbers, the end.

        ``covered`` is what it shows in place of another value that is not for everybody.
        """
        return self.covered or _LONG_NUMBER.sub(lambda found: f"＊＊{found[0][-4:]}", self.value)


@dataclass(frozen=True, slots=True)
class Paper:
    """The form of one person as it stands: what they read, hear and sign."""

    title: str
    number: str
    case: Case
    sections: tuple[tuple[str, tuple[Entry, ...]], ...]

    @classmethod
    def of(cls, case: Case, interview: Interview) -> "Paper":
        """Return the form of an interview as it stands."""
        form = interview.questionnaire
        return cls(
            title=form.title,
            number=form.official.number,
            case=case,
            sections=tuple(_sections(case, interview)),
        )

    @property
    def content(self) -> bytes:
        """The SM3 of what is signed: form, person, and every line in its order."""
        lines = [
            [section, one.name, one.value, one.proxy, one.to_verify]
            for section, entries in self.sections
            for one in entries
        ]
        case = self.case
        about = [case.form, case.version, case.assignment_id, case.name, case.certificate]
        return sm3(json_bytes([about, lines]))


def sm3(data: bytes) -> bytes:
    """Return the SM3 (GB/T 32905) of ``data``."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of ``data``."""
    return hashlib.sha256(data).digest()


def _sections(case: Case, interview: Interview) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    form = interview.questionnaire
    labels = {section.name: section.label for section in form.sections}
    found: dict[str, list[Entry]] = {}
    for item in form.items:
        entry = _entry(case, interview, item)
        if entry is not None:
            found.setdefault(labels.get(item.section, ""), []).append(entry)
    yield from ((label, tuple(entries)) for label, entries in found.items())


def _entry(case: Case, interview: Interview, item: Item) -> Entry | None:
    answer = interview.answers.get(item.name)
    if answer is None or not interview.instance.is_relevant(item.name):
        return None
    value = _NOTHING.get(answer.state) or value_in_words(interview, item.name, answer.value)
    entry = Entry(
        name=item.name,
        label=item.label,
        value=value or "—",
        proxy=answer.speaker.kind is SpeakerKind.PROXY,
        to_verify=answer.state is AnswerState.TO_VERIFY,
    )
    return _of_the_holder(case, item, entry)


def _of_the_holder(case: Case, item: Item, entry: Entry) -> Entry:
    """Return name and number as the official form has them, not what was asked to know them by."""
    match item.role:
        case Role.SPEAKER:
            asked = f"（回答的人：{entry.value}）"
            covered = f"{masked_name(case.name)}{asked}"
            return replace(entry, value=f"{case.name}{asked}", covered=covered, proxy=False)
        case Role.CERTIFICATE if entry.value == case.facts()["last4"]:
            return replace(entry, value=case.certificate)
    return entry
