"""Every sentence of a form that is the same for everybody: for reading in or making ahead."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from dialog.wording import Office, office_slots
from survey_engine.item import Item, Wording
from survey_engine.questionnaire import Questionnaire

_SLOT = re.compile(r"\{([a-z_]+)\}")
#: Whom a sentence may be about, by the part of its key that says so.
_ABOUT = {"": "您", "he": "他", "she": "她", "elder": "老人家", "child": "孩子"}
#: Wordings of the telephone; last year's and read-back ones hold a value.
_SPOKEN = tuple(one.name for one in fields(Wording) if one.name not in ("chat", "readback", "last"))


@dataclass(frozen=True, slots=True)
class FixedPrompt:
    """A sentence and its name: ``A4.ask``, ``E5-2.ask``, ``D3.ask.she``, ``script.consent``."""

    key: str
    text: str


def fixed_prompts(
    form: Questionnaire, office: Office, *, proxies: bool = True
) -> Iterator[FixedPrompt]:
    """Yield the sentences that hold nothing of a person, each text once.

    ``office`` fills what the county is called. Without ``proxies`` those are left out that speak
    of the person to somebody else.
    """
    slots = office_slots(form, office)
    met: set[str] = set()
    for key, written in _written(form):
        for suffix, text in _about(written, proxies=proxies):
            filled = _SLOT.sub(lambda match: slots.get(match[1], match[0]), text)
            if filled and not _SLOT.search(filled) and filled not in met:
                met.add(filled)
                yield FixedPrompt(f"{key}.{suffix}" if suffix else key, filled)


def _about(text: str, *, proxies: bool) -> Iterator[tuple[str, str]]:
    """Yield ``text`` for each person it may be about; as it is if it names none."""
    if "{who}" not in text and "{ta}" not in text:
        yield "", text
        return
    for suffix, word in _ABOUT.items():
        named = text.replace("{who}", word)
        if not suffix and "{ta}" in text:
            continue
        if not suffix or proxies:
            yield suffix, named.replace("{ta}", word).replace("老人家家", "老人家")


def _written(form: Questionnaire) -> Iterator[tuple[str, str]]:
    for name, line in form.script.items():
        yield from _parts(f"script.{name}", {"": line.text, "simple": line.simple})
    for section in form.sections:
        yield f"{section.name}.intro", section.intro
    for item in form.items:
        yield from _of_item(item)
    for check in form.checks:
        yield f"check.{check.id}", check.respondent


def _of_item(item: Item) -> Iterator[tuple[str, str]]:
    wordings = {item.name: item.wording}
    wordings |= {f"{item.name}.v{n}": one.wording for n, one in enumerate(item.variants, start=1)}
    for key, wording in wordings.items():
        yield from _parts(key, {part: str(getattr(wording, part)) for part in _SPOKEN})
    for place, choice in enumerate(item.choices, start=1):
        yield f"{item.name}-{choice.code}.{place}.ask", choice.ask
    yield f"{item.name}.invalid", item.constraint_message


def _parts(key: str, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for part, text in texts.items():
        yield f"{key}.{part}" if part else key, text
