"""What a Rasa server makes of the words; it runs in a process of its own and may be missing.

Its confidences are the shares of a softmax over everything that it ever learned. Only the
meanings that the question allows are kept, and shared out anew among themselves; what they are
worth is for the combiner to say.
"""

import time
from collections.abc import Callable, Mapping

import httpx

from dialog.interpretation import Candidate, Evidence, Intent, Interpretation
from dialog.interpreters.breaker import Breaker
from dialog.interpreters.learned import place_of
from dialog.learning.label import yes_no_meanings
from dialog.normalisation import Text
from dialog.question import Question
from dialog.spoken_corpus import INTENTS, UNCLEAR, YES_NO

TIMEOUT = 0.15
_LEAST = 0.02


def intent_name(form: str, place: str, meaning: str) -> str:
    """Return how a meaning is called in Rasa, where a slash has a meaning of its own.

    >>> intent_name("person", "E5/2", "yes")
    'person.E5_2.yes'
    """
    return ".".join(part for part in (form, place.replace("/", "_"), meaning) if part)


class Rasa:
    """Asks the Rasa server at ``url``; after failures it is left alone for a while."""

    name = "rasa"

    def __init__(
        self,
        url: str,
        timeout: float = TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = httpx.Client(base_url=url, timeout=timeout, trust_env=False)
        self._breaker = Breaker(clock)

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return what Rasa makes of ``text``; nothing if it does not answer in time."""
        ranking = {} if question.is_multiple else self._ranking(text.plain)
        evidence = Evidence(text.raw, 0, len(text.plain))
        own = _shared_out(_meanings(question, ranking))
        return Interpretation(
            candidates=tuple(
                Candidate(value, share, evidence, self.name)
                for value, share in own.items()
                if value != UNCLEAR and not value.startswith(INTENTS) and share > _LEAST
            ),
            intents=tuple(
                Intent(value.removeprefix(f"{INTENTS}."), share, evidence, self.name)
                for value, share in own.items()
                if value.startswith(INTENTS) and share > _LEAST
            ),
            unclear=own.get(UNCLEAR, 0.0),
        )

    def _ranking(self, words: str) -> Mapping[str, float]:
        if self._breaker.is_open:
            return {}
        try:
            answer = self._client.post("/model/parse", json={"text": words})
            answer.raise_for_status()
            found = {
                str(one["name"]): float(one["confidence"])
                for one in answer.json()["intent_ranking"]
            }
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            self._breaker.failed()
            return {}
        self._breaker.succeeded()
        return found


def _meanings(question: Question, ranking: Mapping[str, float]) -> dict[str, float]:
    """Return the shares of what the question allows, and of every intent."""
    form, place = question.form.form, place_of(question)
    spoken = yes_no_meanings(question.form, place) if place else {}
    found: dict[str, float] = {}
    for name, share in ranking.items():
        meaning = _meaning(name, form, place, spoken)
        if meaning:
            found[meaning] = found.get(meaning, 0.0) + share
    return found


def _meaning(name: str, form: str, place: str, spoken: Mapping[str, str]) -> str:
    if name.startswith(f"{INTENTS}."):
        return name
    for prefix in (intent_name(form, place, ""), place):
        if place and name.startswith(f"{prefix.removesuffix('.')}."):
            return name.removeprefix(f"{prefix.removesuffix('.')}.")
    if name.startswith(f"{YES_NO}."):
        return spoken.get(name.removeprefix(f"{YES_NO}."), "")
    return ""


def _shared_out(found: Mapping[str, float]) -> dict[str, float]:
    total = sum(found.values())
    return {name: share / total for name, share in found.items()} if total > 0 else {}
