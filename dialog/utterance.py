"""What a respondent said, typed or tapped, as a channel hands it over."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Utterance:
    """One contribution of the respondent.

    ``id`` names it in its channel, ``words`` are verbatim. ``tapped`` is what a button, box or
    key sends instead of words (a code, codes joined by a space, ``yes``, ``no``, an item, or a
    wish such as ``repeat``) and ``target`` the question that it was offered with. ``confidence``
    is the recogniser's, from 0 to 1, for spoken words; ``hearings`` are all the words that they may
    have been, each with its probability.
    """

    id: str
    at: datetime
    words: str = ""
    tapped: str = ""
    target: str = ""
    confidence: float | None = None
    hearings: tuple[tuple[str, float], ...] = ()
