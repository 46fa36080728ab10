"""Learning the classifiers of a form from a corpus; the same corpus gives the same weights."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from dialog.learning.classifier import FORMAT, Header, Layer, Task
from dialog.learning.features import BUCKETS, SENSES, Floats, senses_of, spelling_of
from dialog.learning.label import ANSWER, INTENT, NO, YES, yes_no_meanings
from dialog.learning.likeness import SenseBook, fingerprint
from dialog.lexicon.word_list import plain
from dialog.spoken_corpus import (
    INTENTS,
    NOTHING,
    READ_BACK,
    UNCLEAR,
    YES_NO,
    Phrase,
    SpokenCorpus,
)
from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Questionnaire

_SENSE_STRENGTH, _SPELLING_STRENGTH = 20.0, 30.0
_ROUNDS = 200
#: Of so many phrases that answer no question in particular, a place learns one.
_SHARE = 4


@dataclass(frozen=True, slots=True)
class Example:
    """A phrase as one task sees it."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of training."""

    header: Header
    tasks: dict[str, Task]
    book: SenseBook


def learn(
    form: Questionnaire,
    corpus: SpokenCorpus,
    verified: SpokenCorpus = NOTHING,
    known: SenseBook | None = None,
) -> Learned:
    """Return the classifiers of every place of ``form`` that the corpus has phrases for.

    The layers learn from ``verified`` words too, but only phrases of the corpus, which no
    respondent spoke, are kept for likeness. Embeddings in ``known`` are not made again.
    """
    whole = SpokenCorpus(tuple(dict.fromkeys((*corpus.phrases, *verified.phrases))))
    private = {plain(one.text) for one in verified.phrases}
    examples = {place: tuple(of_place(form, whole, place)) for place in places(form, whole)}
    texts = sorted({one.text for listed in examples.values() for one in listed})
    seen = Seen.of(texts, known)
    kept = [text for text in texts if text not in private]
    book = SenseBook.of(kept, seen.senses[[seen.places[text] for text in kept]])
    with threadpool_limits(limits=1):  # small sums: threads of the library only wait for each other
        tasks = {place: _learned(listed, seen, book) for place, listed in examples.items()}
    header = Header(
        format=FORMAT,
        form=form.form,
        form_version=form.version,
        corpus=corpus.version,
        phrases=len(whole.phrases),
        tasks={place: list(task.labels) for place, task in tasks.items()},
    )
    return Learned(header, tasks, book)


def places(form: Questionnaire, corpus: SpokenCorpus) -> Iterator[str]:
    """Yield the places of which something can be learned, one classifier each."""
    yield from (INTENTS, YES_NO, READ_BACK)
    own = [place for place in corpus.places(form.form) if _item_of(form, place) is not None]
    several = [place.partition("/")[0] for place in own if "/" in place]
    yield from dict.fromkeys(own + several)


def _item_of(form: Questionnaire, place: str) -> Item | None:
    return form.item(place.partition("/")[0].partition(":")[0])


def of_place(form: Questionnaire, corpus: SpokenCorpus, place: str) -> Iterator[Example]:
    """Yield the examples of one task: its own phrases, and others that it must tell apart."""
    if place == INTENTS:
        yield from _of_intents(form, corpus)
        return
    item = form.item(place)
    if item is not None and item.type is ItemType.MULTI:
        yield from _of_several(form, corpus, item)
        return
    own = corpus.at(form.form, place)
    yield from _examples(own)
    yield from _examples(_shared_unclear(corpus, form.form, place))
    if place != YES_NO:
        yield from _borrowed(form, corpus, place)
    yield from _examples(_some(corpus.at("", INTENTS), place, _SHARE), label=INTENT)


def _some(phrases: Iterable[Phrase], place: str, share: int) -> Iterator[Phrase]:
    """Yield one of ``share`` phrases, others at every place."""
    for one in phrases:
        if fingerprint(place + one.text) % share == 0:
            yield one


def _of_intents(form: Questionnaire, corpus: SpokenCorpus) -> Iterator[Example]:
    yield from _examples(corpus.at("", INTENTS))
    for one in corpus.phrases:
        if one.form in ("", form.form) and one.place != INTENTS:
            yield Example(plain(one.text), ANSWER)


def _of_several(form: Questionnaire, corpus: SpokenCorpus, item: Item) -> Iterator[Example]:
    """What is said to a question with several answers: the options that are named, or none.

    What says yes to several options when each is asked by itself (都有) names none of them, so it
    is left out here.
    """
    named: dict[str, set[str]] = {}
    denied: dict[str, None] = {}
    for choice in item.choices:
        for one in corpus.at(form.form, f"{item.name}/{choice.code}"):
            if one.meaning == YES:
                named.setdefault(plain(one.text), set()).add(choice.code)
            elif one.meaning == NO:
                denied[plain(one.text)] = None
    yield from (Example(text, min(codes)) for text, codes in named.items() if len(codes) == 1)
    yield from (Example(text, NO) for text in denied if text not in named)
    for one in corpus.at(form.form, item.name):
        yield from (Example(plain(one.text), code) for code in one.codes)
    yield from _examples(_some(corpus.at("", INTENTS), item.name, _SHARE), label=INTENT)


def _shared_unclear(corpus: SpokenCorpus, form: str, place: str) -> Iterator[Phrase]:
    """What is unclear of an item is unclear of the home of either kind."""
    item, _, residence = place.partition(":")
    return (one for one in corpus.at(form, item) if residence and one.meaning == UNCLEAR)


def _borrowed(form: Questionnaire, corpus: SpokenCorpus, place: str) -> Iterator[Example]:
    """A question that takes yes or no is answered by any yes or no."""
    meanings = yes_no_meanings(form, place)
    for one in corpus.at("", YES_NO):
        if one.meaning in meanings:
            yield Example(plain(one.text), meanings[one.meaning])
    item, _, option = place.partition("/")
    if option:
        yield from _of_the_whole(corpus.at(form.form, item), option)


def _of_the_whole(phrases: Iterable[Phrase], option: str) -> Iterator[Example]:
    """What answers a question with several answers names an option, or tells nothing of it."""
    for one in phrases:
        if one.meaning != UNCLEAR:
            yield Example(plain(one.text), YES if option in one.codes else UNCLEAR)


def _examples(phrases: Iterable[Phrase], label: str = "") -> Iterator[Example]:
    for one in phrases:
        yield Example(plain(one.text), label or one.meaning)


@dataclass(frozen=True, slots=True)
class Seen:
    """The features of many texts."""

    places: dict[str, int]
    senses: Floats
    spellings: csr_matrix

    @classmethod
    def of(cls, texts: Sequence[str], known: SenseBook | None = None) -> "Seen":
        """Return the features of ``texts``."""
        rows = [spelling_of(text) for text in texts]
        ends = np.cumsum([0, *(len(row) for row in rows)])
        buckets = [bucket for row in rows for bucket in row]
        weights = [weight for row in rows for weight in row.values()]
        spellings = csr_matrix((weights, buckets, ends), shape=(len(texts), BUCKETS))
        return cls({text: at for at, text in enumerate(texts)}, _senses(texts, known), spellings)


def _senses(texts: Sequence[str], known: SenseBook | None) -> Floats:
    if known is None:
        return senses_of(texts)
    held = [known.place(text) for text in texts]
    fresh = senses_of([text for text, at in zip(texts, held, strict=True) if at is None])
    senses = np.zeros((len(texts), SENSES), dtype=np.float32)
    old = np.array([at is not None for at in held])
    senses[old] = known.senses([at for at in held if at is not None])
    senses[~old] = fresh
    return senses


def _learned(examples: Sequence[Example], seen: Seen, book: SenseBook) -> Task:
    rows = [seen.places[one.text] for one in examples]
    labels = np.array([one.label for one in examples])
    names = sorted(set(labels.tolist()))
    compared = [
        (at, names.index(one.label)) for one in examples if (at := book.place(one.text)) is not None
    ]
    return Task(
        labels=tuple(names),
        sense=_fitted(seen.senses[rows], labels, _SENSE_STRENGTH),
        spelling=_fitted(seen.spellings[rows], labels, _SPELLING_STRENGTH),
        rows=np.array([at for at, _ in compared], dtype=np.intp),
        row_labels=np.array([label for _, label in compared], dtype=np.intp),
    )


def _fitted(features: object, labels: object, strength: float) -> Layer:
    """Fit a multinomial logistic regression, every label counting as much as every other."""
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=_ROUNDS, tol=1e-3)
    model.fit(features, labels)
    weights, bias = model.coef_.T, model.intercept_
    if weights.shape[1] == 1:
        weights = np.concatenate([-weights, weights], axis=1) / 2
        bias = np.concatenate([-bias, bias]) / 2
    return Layer(weights.astype(np.float32), bias.astype(np.float32))
