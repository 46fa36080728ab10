"""What the command ``tingwen learn`` does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dialog.combiner import COMBINER, Combiner, write_combiner
from dialog.interpreters.learned import learned_in, shipped
from dialog.learning.calibrating import Coded, fitted
from dialog.learning.classifier import Classifiers, write_classifiers
from dialog.learning.folds import folds
from dialog.learning.likeness import SenseBook, fingerprint
from dialog.learning.rehearsed import rehearsed
from dialog.learning.training import Learned, learn
from dialog.lexicon.word_list import plain
from dialog.normalisation import normalise
from dialog.question import Question, read_context
from dialog.spoken_corpus import Phrase, SpokenCorpus, read_corpus
from dialog.understanding import Understanding, voters
from models.campaign import Campaigns
from server.failure import CommandFailedError
from server.service import Service
from server.understanding.evaluation import heard_of, read_rows
from server.understanding.verified import verified_phrases
from survey_engine.questionnaire import Questionnaire

#: Into how many parts the corpus is cut for cross-validation.
PARTS = 3
#: What a row of a set counts that nobody had seen when the rules were written; one of a set that
#: the rules were written on; and a phrase of the corpus.
UNSEEN, SEEN, PHRASE = 1.0, 0.5, 0.03


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned: how many phrases, of them verified ones, and how many places."""

    phrases: int
    verified: int
    places: int
    file: Path


def teach(form: Questionnaire, out: Path, verified: Sequence[Phrase] = ()) -> Lesson:
    """Train the classifiers of ``form`` from the corpus and verified words; write them to ``out``.

    The file replaces the one before it only when it is whole.
    """
    corpus = read_corpus()
    learned = learn(form, corpus, SpokenCorpus(tuple(verified)), _known(form, out))
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{form.form}.zip"
    _write(file, learned)
    return Lesson(learned.header.phrases, len(verified), len(learned.tasks), file)


def _write(file: Path, learned: Learned) -> None:
    written = file.with_suffix(".new")
    write_classifiers(written, learned.header, learned.tasks, learned.book)
    written.replace(file)


def _known(form: Questionnaire, out: Path) -> SenseBook | None:
    """Return the embeddings that were made before, here or for the release."""
    held = learned_in(out, form.form) or shipped(form.form)
    return held.book if held else None


def verified_words(
    service: Service, campaigns: Sequence[str], *, across_regions: bool
) -> Iterator[Phrase]:
    """Yield the verified words of ``campaigns``.

    Raises :class:`CommandFailedError` for campaigns of several provinces without leave.
    """
    known = Campaigns(service.database)
    held = [known.get(name) for name in campaigns]
    provinces = {one.region[:2] for one in held}
    if len(provinces) > 1 and not across_regions:
        raise CommandFailedError(
            f"the campaigns {', '.join(campaigns)} belong to {len(provinces)} provinces;"
            " learn from one province at a time, or say --across-regions if both agreed."
        )
    for one in held:
        yield from verified_phrases(service, one.id, service.shelf.find(one.form, one.version))


def calibrate(
    forms: Sequence[Questionnaire], folder: Path, sets: Mapping[Path, float], parts: int = PARTS
) -> Combiner:
    """Fit the combiner and write it beside the classifiers in ``folder``.

    It is fitted on the corpus, each phrase read by classifiers that have seen neither it nor any
    that says nearly the same (cross-validation by wording), and on evaluation sets, each with
    what one of its rows counts; a phrase of the corpus counts ``PHRASE``.
    """
    rows = [replace(one, weight=PHRASE) for form in forms for one in coded(form, folder, parts)]
    for form in forms:
        understanding = _understanding(form, folder)
        for file, weight in sets.items():
            rows += [replace(one, weight=weight) for one in _rows(file, understanding)]
    combiner = fitted(rows)
    write_combiner(folder / COMBINER, combiner)
    return combiner


def _understanding(form: Questionnaire, folder: Path) -> Understanding:
    """Return the understanding of ``form`` by what is learned in ``folder``."""
    classifiers = Classifiers(folder / f"{form.form}.zip")
    return Understanding(form, voters=voters(lambda _: classifiers))


def _rows(file: Path, understanding: Understanding) -> Iterator[Coded]:
    """Yield the rows of an evaluation set of the understanding's form, as they are read."""
    for row in read_rows(file):
        text = normalise(row.utterance)
        if row.form == understanding.form.form and not (text.is_empty or text.cut):
            question = Question.of_ask(understanding.form, row.ask, read_context(row.context))
            readings = understanding.readings(question, text, heard_of(row))
            yield Coded(readings, row.expect, file.stem)


def coded(form: Questionnaire, folder: Path, parts: int = PARTS) -> Iterator[Coded]:
    """Yield the corpus as answers, each read by what was learned without it and its like."""
    corpus, book = read_corpus(), Classifiers(folder / f"{form.form}.zip").book
    texts = sorted(
        {plain(one.text) for one in corpus.phrases if book.place(plain(one.text)) is not None}
    )
    numbers = folds(book.senses([book.places[fingerprint(text)] for text in texts]), parts)
    part_of = dict(zip(texts, numbers.tolist(), strict=True))
    for part in range(parts):
        yield from _part(form, corpus, book, part_of, part)


def _part(
    form: Questionnaire,
    corpus: SpokenCorpus,
    book: SenseBook,
    part_of: Mapping[str, int],
    part: int,
) -> Iterator[Coded]:
    own = [one for one in corpus.phrases if part_of.get(plain(one.text)) == part]
    others = [one for one in corpus.phrases if part_of.get(plain(one.text)) != part]
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{form.form}.zip"
        _write(file, learn(form, SpokenCorpus(tuple(others)), known=book))
        classifiers = Classifiers(file, known=book)
        understanding = Understanding(form, voters=voters(lambda _: classifiers))
        for said in rehearsed(form, SpokenCorpus(tuple(own))):
            text = normalise(said.text)
            if not text.is_empty and not text.cut:
                yield Coded(understanding.readings(said.question, text), said.expect, str(part))
