"""What the command ``tingwen learn`` does."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialog.combiner import Combiner, write_combiner
from dialog.interpreters.learned import Learned
from dialog.interpreters.sound import Sound
from dialog.learning.calibrating import Coded, fitted
from dialog.learning.classifier import Classifiers, write_classifiers
from dialog.learning.training import learn
from dialog.normalisation import normalise
from dialog.question import Question, read_context
from dialog.spoken_corpus import Phrase, SpokenCorpus, read_corpus
from dialog.understanding import Understanding
from models.campaign import Campaigns
from server.failure import CommandFailedError
from server.service import Service
from server.understanding.evaluation import read_rows
from server.understanding.verified import verified_phrases
from survey_engine.questionnaire import Questionnaire


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
    phrases = SpokenCorpus(tuple(dict.fromkeys((*corpus.phrases, *verified))))
    learned = learn(form, phrases)
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{form.form}.zip"
    written = file.with_suffix(".new")
    write_classifiers(written, learned.header, learned.tasks)
    written.replace(file)
    return Lesson(len(phrases.phrases), len(verified), len(learned.tasks), file)


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


def calibrate(files: Iterable[Path], form: Questionnaire, folder: Path) -> Combiner:
    """Fit the combiner on coded answers and write it beside the classifiers in ``folder``."""
    classifiers = Classifiers(folder / f"{form.form}.zip")
    voters = (
        Sound(),
        Learned("sense", lambda _: classifiers),
        Learned("spelling", lambda _: classifiers),
    )
    understanding = Understanding(form, voters=voters)
    combiner = fitted([one for file in files for one in coded_rows(file, understanding)])
    write_combiner(folder / "combiner.json", combiner)
    return combiner


def coded_rows(file: Path, understanding: Understanding) -> Iterator[Coded]:
    """Yield the rows of an evaluation set of the understanding's form, as they are read."""
    for row in read_rows(file):
        text = normalise(row.utterance)
        if row.form != understanding.form.form or text.is_empty or text.cut:
            continue
        question = Question.of_ask(understanding.form, row.ask, read_context(row.context))
        yield Coded(understanding.readings(question, text), row.expect, file.stem)
