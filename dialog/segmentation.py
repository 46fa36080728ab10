"""Words of a sentence, by jieba with the words of the questionnaires."""

import logging
import warnings
from collections.abc import Iterator
from functools import cache
from threading import Lock

from dialog.lexicon.word_list import plain
from survey_engine.questionnaire import Questionnaire

with warnings.catch_warnings():
    # jieba's source has old escapes, which its first compilation complains about.
    warnings.simplefilter("ignore")
    import jieba

jieba.setLogLevel(logging.ERROR)

_LENGTHS = range(2, 7)


_LOADING = Lock()


def _tokenizer() -> jieba.Tokenizer:
    """The one dictionary of the process, however many threads want it first."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> jieba.Tokenizer:
    """It takes most of a second and 100 MB to load."""
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


class Segmenter:
    """Cuts text into words, those of one form among them."""

    def __init__(self, form: Questionnaire) -> None:
        for word in words_of(form):
            _tokenizer().add_word(word)

    def bounds(self, text: str) -> frozenset[int]:
        """Return the places where a word of ``text`` begins or ends."""
        places = {0}
        for _word, start, end in _tokenizer().tokenize(text, HMM=False):
            places |= {start, end}
        return frozenset(places)


def words_of(form: Questionnaire) -> Iterator[str]:
    """Yield the words of a form's choices that are to be kept whole."""
    for item in form.items:
        for choice in item.choices:
            for phrase in (choice.label, *choice.says):
                word = plain(phrase)
                if len(word) in _LENGTHS and word.isalnum():
                    yield word


def segmenter_of(form: Questionnaire) -> Segmenter:
    """Return the segmenter of ``form``; get it through ``form.derived`` so that it is made once."""
    return Segmenter(form)
