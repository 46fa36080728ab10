"""What a tap means: there is nothing to interpret, only to look up."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from dialog.message import offers
from dialog.utterance import Utterance
from survey_engine import input as given
from survey_engine.answer import Heard
from survey_engine.input import Input
from survey_engine.interview import Interview
from survey_engine.wait import Accepts

#: What the constant buttons below a chat send.
WISHES: Mapping[str, Callable[[datetime, Heard], Input]] = {
    "repeat": lambda at, heard: given.SayAgain(at=at, heard=heard),
    "slower": lambda at, heard: given.SayAgain(at=at, heard=heard, manner="slower"),
    "explain": lambda at, heard: given.SayAgain(at=at, heard=heard, manner="explain"),
    "unknown": lambda at, heard: given.Unknown(at=at, heard=heard),
    "decline": lambda at, heard: given.Decline(at=at, heard=heard),
    "human": lambda at, heard: given.WantPerson(at=at, heard=heard),
    "later": lambda at, heard: given.Pause(at=at, heard=heard, reason="later"),
    "back": lambda at, heard: given.GoBack(at=at, heard=heard),
}

WISH_WORDS: Mapping[str, str] = {
    "repeat": "再说一遍",
    "slower": "慢一点",
    "explain": "什么意思",
    "unknown": "不知道",
    "decline": "不想说",
    "human": "找人工",
    "later": "以后再说",
    "back": "改一下",
}


def tapped_input(interview: Interview, utterance: Utterance) -> Input | None:
    """Return the input of a tap, or None if what it sends is not on offer now.

    A tap may come late, for a question that is no longer asked; it is then taken for nothing
    rather than for an answer to another question.
    """
    tapped, at, wait = utterance.tapped, utterance.at, interview.wait
    shown = {offer.sends: offer.shows for offer in offers(interview)}
    codes = tapped.split()
    words = "、".join(shown.get(code, code) for code in codes)
    heard = Heard(words=words, utterance=utterance.id, confidence=1.0)
    if tapped in WISHES:
        return WISHES[tapped](at, heard)
    stale = wait is None or utterance.target not in ("", wait.target)
    if wait is None or stale or not codes or not all(code in shown for code in codes):
        return None
    if wait.accepts is Accepts.YES_NO:
        return (given.Affirm if tapped == "yes" else given.Deny)(at=at, heard=heard)
    return given.Record(at=at, heard=heard, target=wait.target, value=tapped)


def as_tap(interview: Interview, utterance: Utterance, *, codes: bool = False) -> Utterance:
    """Return ``utterance`` as a tap if its words are, letter by letter, what is on offer.

    With ``codes`` the codes themselves will do too, as where they stand before the choices.
    """
    sent = {offer.shows: offer.sends for offer in offers(interview)}
    sent |= {offer.sends: offer.sends for offer in offers(interview)} if codes else {}
    several = [sent.get(word) for word in utterance.words.split()]
    whole = sent.get(utterance.words.strip())
    chosen = [whole] if whole else several
    if utterance.tapped or not chosen or None in chosen:
        return utterance
    return replace(utterance, tapped=" ".join(filter(None, chosen)))


def shown_words(interview: Interview, utterance: Utterance) -> str:
    """Return what the respondent sees as their own contribution."""
    if utterance.words or utterance.tapped in WISH_WORDS:
        return utterance.words or WISH_WORDS[utterance.tapped]
    shown = {offer.sends: offer.shows for offer in offers(interview)}
    return "、".join(shown.get(one, one) for one in utterance.tapped.split())
