"""Every reader alone and all of them together on evaluation sets, in one run.

    python -m benchmarks.understanding [SET.tsv …] [--rasa URL] [--sizes] [--cost]

Without a set it takes those of the tests. ``--rasa`` adds a running Rasa server, ``--sizes`` trains
on 10, 25, 50 and 100 phrases a choice, ``--cost`` measures time and memory and nothing else. Where
a combiner is fitted on the sets themselves, it is fitted on four fifths of their rows and measured
on the rest.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import understanding_cost
from dialog.combination import settled
from dialog.combiner import Combiner, shipped_combiner
from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.interpreters.learned import shipped
from dialog.interpreters.rasa import Rasa
from dialog.learning.calibrating import Coded, fitted
from dialog.learning.classifier import Classifiers, write_classifiers
from dialog.learning.likeness import fingerprint
from dialog.learning.training import learn
from dialog.lexicon.word_list import plain
from dialog.normalisation import normalise
from dialog.policy import PLAIN, thresholds_of
from dialog.question import Question, read_context
from dialog.readings import Readings
from dialog.spoken_corpus import Phrase, SpokenCorpus, read_corpus
from dialog.understanding import Understanding, voters
from server.commands.form import usable_form
from server.understanding.evaluation import Row, read_rows

SETS = Path(__file__).parents[1] / "tests" / "corpus" / "understanding"
FORMS = ("person", "community")
FOLDS, SIZES, EQUAL = 5, (10, 25, 50, 100), 0.5


@dataclass(frozen=True)
class Said:
    """One row and what every reader made of it."""

    row: Row
    readings: Readings


@dataclass(frozen=True)
class Outcome:
    """What one system makes of one row."""

    row: Row
    value: str
    confidence: float
    intent: str


System = Callable[[Said], Interpretation]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="*", type=Path)
    parser.add_argument("--rasa", default="")
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--cost", action="store_true")
    given = parser.parse_args()
    if given.cost:
        understanding_cost.main()
        return
    rows = [row for file in given.sets or sorted(SETS.glob("*.tsv")) for row in read_rows(file)]
    more = (Rasa(given.rasa, timeout=5.0),) if given.rasa else ()
    begun = time.perf_counter()
    forms = {name: Understanding(usable_form(name), voters=(*voters(), *more)) for name in FORMS}
    said = read(rows, forms)
    print(f"{len(said)} rows, {(time.perf_counter() - begun) / len(said) * 1000:.1f} ms each\n")
    _print_systems(said, with_rasa=bool(more))
    _print_without(said)
    together = outcomes(said, combined(shipped_combiner()))
    _print_reliability(together)
    _print_curve(together)
    if given.sizes:
        _print_sizes(rows)


def read(rows: Iterable[Row], forms: Mapping[str, Understanding]) -> list[Said]:
    """Read every row with every reader."""
    found = []
    for row in rows:
        understanding = forms[row.form]
        question = Question.of_ask(understanding.form, row.ask, read_context(row.context))
        text = normalise(row.utterance)
        if not text.is_empty and not text.cut:
            found.append(Said(row, understanding.readings(question, text)))
    return found


def substring(said: Said) -> Interpretation:
    """The form's own words, wherever they stand in the sentence; the yardstick of no skill."""
    words, question = said.readings.text.plain, said.readings.question
    if question.is_yes_no:
        return Interpretation()
    codes = {
        choice.code
        for choice in question.choices
        for phrase in (choice.label, *choice.says)
        if plain(phrase) and plain(phrase) in words
    }
    if len(codes) != 1:
        return Interpretation()
    return Interpretation((Candidate(codes.pop(), 0.9, Evidence(), "substring"),))


def alone(name: str) -> System:
    """Return the reader ``name`` by itself, at its own confidence."""

    def system(said: Said) -> Interpretation:
        if name == "lexicon":
            return settled(said.readings.lexicon)
        return _weighed(said.readings.voters.get(name, Interpretation()))

    return system


def _weighed(reading: Interpretation) -> Interpretation:
    """An intent or nothing stands where it is more probable than the best value."""
    best = reading.best.confidence if reading.best else 0.0
    intents = [one for one in reading.intents if one.confidence > max(best, reading.unclear)]
    if intents:
        top = max(intents, key=lambda one: one.confidence)
        return replace(reading, candidates=(), intents=(top,))
    kept = reading.candidates if best > reading.unclear else ()
    return replace(reading, candidates=kept, intents=())


def combined(combiner: Combiner | None, *, leaving: Sequence[str] = ()) -> System:
    """Return all readers together but those of ``leaving``."""

    def system(said: Said) -> Interpretation:
        assert combiner is not None
        return combiner.combine(_less(said.readings, leaving))

    return system


def _less(readings: Readings, leaving: Sequence[str]) -> Readings:
    held = {name: one for name, one in readings.voters.items() if name not in leaving}
    if "lexicon" not in leaving:
        return replace(readings, voters=held)
    return replace(readings, voters=held, lexicon=Interpretation(), settled=Interpretation())


def refitted(said: Sequence[Said], leaving: Sequence[str] = ()) -> list[Outcome]:
    """Fit a combiner on four fifths of the rows and apply it to the rest, five times."""
    found = []
    for fold in range(FOLDS):
        others = [one for place, one in enumerate(said) if place % FOLDS != fold]
        held = [one for place, one in enumerate(said) if place % FOLDS == fold]
        rows = [Coded(_less(one.readings, leaving), one.row.expect, "") for one in others]
        found += outcomes(held, combined(fitted(rows), leaving=leaving))
    return found


def outcomes(said: Iterable[Said], system: System) -> list[Outcome]:
    """Return what ``system`` makes of every row."""
    return [_outcome(one.row, system(one)) for one in said]


def _outcome(row: Row, whole: Interpretation) -> Outcome:
    if whole.intent:
        return Outcome(row, "", 0.0, whole.intent.name)
    best = whole.best
    return Outcome(row, best.value if best else "", best.confidence if best else 0.0, "")


@dataclass(frozen=True)
class Figures:
    """The numbers of one system."""

    wrong: float
    coverage: float
    intents: float
    wrong_at_equal: float

    @classmethod
    def of(cls, found: Sequence[Outcome]) -> "Figures":
        """Return the numbers at the threshold of plain items, and wrong at equal coverage."""
        wrong, coverage = at(found, thresholds_of(PLAIN).record)
        named = [one for one in found if one.row.expect.startswith("intent:")]
        known = sum(f"intent:{one.intent}" == one.row.expect for one in named)
        return cls(wrong, coverage, known / max(1, len(named)), at_coverage(found, EQUAL))


def at(found: Sequence[Outcome], threshold: float) -> tuple[float, float]:
    """Return wrong and coverage where everything from ``threshold`` on is recorded."""
    recorded = [one for one in found if one.value and one.confidence >= threshold]
    right = sum(one.value == one.row.expect for one in recorded)
    valued = sum(one.row.expects_value for one in found)
    return (len(recorded) - right) / len(found), right / max(1, valued)


def at_coverage(found: Sequence[Outcome], wanted: float) -> float:
    """Return wrong at the highest threshold that reaches the coverage; 1 if none does."""
    for threshold in sorted({one.confidence for one in found if one.value}, reverse=True):
        wrong, coverage = at(found, threshold)
        if coverage >= wanted:
            return wrong
    return 1.0


def _print_systems(said: Sequence[Said], *, with_rasa: bool) -> None:
    print(f"| reader | wrong | coverage | intents | wrong at {EQUAL:.0%} coverage |")
    print("| --- | --- | --- | --- | --- |")
    names = ["lexicon", "sound", "sense", "spelling", "nearest", *(["rasa"] if with_rasa else [])]
    _line("substring match", outcomes(said, substring))
    for name in names:
        _line(f"{name} alone", outcomes(said, alone(name)))
    shipped_one = combined(shipped_combiner(), leaving=("rasa",))
    _line("all together, as shipped", outcomes(said, shipped_one))
    _line("all, combiner fitted here (5-fold)", refitted(said, ("rasa",)))
    if with_rasa:
        _line("all and Rasa, combiner fitted here (5-fold)", refitted(said))
    print()


def _print_without(said: Sequence[Said]) -> None:
    print("| all but (fitted here, 5-fold) | wrong | coverage | intents | wrong at equal |")
    print("| --- | --- | --- | --- | --- |")
    held = ["lexicon", "sound", "sense", "spelling", "nearest"]
    for name in held:
        _line(name, refitted(said, (name, "rasa")))
    print()


def _line(name: str, found: Sequence[Outcome]) -> None:
    one = Figures.of(found)
    equal = "not reached" if one.wrong_at_equal == 1.0 else f"{one.wrong_at_equal:.1%}"
    print(f"| {name} | {one.wrong:.1%} | {one.coverage:.1%} | {one.intents:.1%} | {equal} |")


def _print_reliability(found: Sequence[Outcome]) -> None:
    print("| confidence | answers | mean confidence | right |")
    print("| --- | --- | --- | --- |")
    for low in range(10):
        inside = [one for one in found if one.value and min(9, int(one.confidence * 10)) == low]
        if inside:
            sure = sum(one.confidence for one in inside) / len(inside)
            right = sum(one.value == one.row.expect for one in inside) / len(inside)
            span = f"{low / 10:.1f}–{low / 10 + 0.1:.1f}"
            print(f"| {span} | {len(inside)} | {sure:.3f} | {right:.3f} |")
    print()


def _print_curve(found: Sequence[Outcome]) -> None:
    print("| recorded from | wrong | coverage |")
    print("| --- | --- | --- |")
    for threshold in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98):
        wrong, coverage = at(found, threshold)
        print(f"| {threshold:.2f} | {wrong:.2%} | {coverage:.1%} |")
    print()


def _print_sizes(rows: Sequence[Row]) -> None:
    print("| phrases a choice at most | wrong | coverage | intents | wrong at equal |")
    print("| --- | --- | --- | --- | --- |")
    corpus = read_corpus()
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            forms = {name: _small(name, corpus, size, Path(folder)) for name in FORMS}
            _line(str(size), outcomes(read(rows, forms), combined(shipped_combiner())))


def _small(name: str, corpus: SpokenCorpus, size: int, folder: Path) -> Understanding:
    form, held = usable_form(name), shipped(name)
    learned = learn(form, _cut(corpus, size), known=held.book if held else None)
    file = folder / f"{name}.zip"
    write_classifiers(file, learned.header, learned.tasks, learned.book)
    return Understanding(form, voters=voters(lambda _: Classifiers(file)))


def _cut(corpus: SpokenCorpus, size: int) -> SpokenCorpus:
    """Keep the first ``size`` phrases of every meaning at every place, drawn by their spelling."""
    kept: dict[tuple[str, str, str], list[Phrase]] = {}
    for one in sorted(corpus.phrases, key=lambda one: hash_of(one.text)):
        held = kept.setdefault((one.form, one.place, one.meaning), [])
        if len(held) < size:
            held.append(one)
    return SpokenCorpus(tuple(one for held in kept.values() for one in held))


def hash_of(text: str) -> int:
    """Return a number that depends on nothing but ``text``."""
    return fingerprint(text)


if __name__ == "__main__":
    main()
