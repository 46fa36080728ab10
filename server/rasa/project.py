"""A Rasa project made from the corpus and the forms: training data, words, configuration."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from shutil import copyfile

import yaml

from dialog.interpreters.rasa import intent_name
from dialog.lexicon.word_list import plain
from dialog.segmentation import words_of
from dialog.spoken_corpus import Phrase, SpokenCorpus
from survey_engine.questionnaire import Questionnaire

SOURCE = Path(__file__).parents[2] / "dialog" / "rasa"
_FEWEST = 2


def write_project(folder: Path, forms: Iterable[Questionnaire], corpus: SpokenCorpus) -> int:
    """Write the project of ``forms`` to ``folder`` and return how many phrases it trains on.

    Its intents are the meanings of the corpus, its words those that jieba is to keep whole.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "words").mkdir(exist_ok=True)
    copyfile(SOURCE / "config.yml", folder / "config.yml")
    meant = _by_intent(corpus.phrases)
    nlu = [{"intent": name, "examples": _Block(_lines(texts))} for name, texts in meant.items()]
    _write(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": nlu})
    _write(folder / "domain.yml", {"version": "3.1", "intents": list(meant)})
    listed = sorted({word for form in forms for word in words_of(form)})
    (folder / "words" / "forms.txt").write_text("\n".join(listed) + "\n", encoding="utf-8")
    return sum(len(texts) for texts in meant.values())


def _by_intent(phrases: Iterable[Phrase]) -> dict[str, list[str]]:
    """Group phrases that have one meaning by intent; Rasa takes two examples and more."""
    found: dict[str, dict[str, None]] = {}
    for one in phrases:
        if len(one.codes) > 1:
            continue
        name = intent_name(one.form, one.place.replace(":", "-"), one.meaning)
        found.setdefault(name, {})[plain(one.text)] = None
    return {name: list(texts) for name, texts in found.items() if len(texts) >= _FEWEST}


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"- {line}\n" for line in _spoken(texts))


def _spoken(texts: Iterable[str]) -> Iterator[str]:
    """Yield texts without the signs that Rasa reads as marks of entities."""
    for text in texts:
        kept = text.translate(str.maketrans("", "", "[](){}|"))
        if kept:
            yield kept


class _Block(str):
    """A text that YAML writes as a block."""


def _write(file: Path, content: object) -> None:
    text = yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)
    file.write_text(text, encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    """Writes :class:`_Block` as YAML's literal block."""


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
)
