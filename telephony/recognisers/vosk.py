"""Vosk: hears while the person speaks, several turns in one worker, with a grammar from the hints.

Kaldi aborts its process on misuse, so it runs in workers only; each turn has a recogniser of its
own that is never fed after its final result.
"""

import json
from pathlib import Path

import vosk

from telephony.audio import WIDE, AudioChunk, Samples
from telephony.recogniser import Hints, Transcript, Word
from telephony.turn_sound import TurnSound

#: What Vosk writes for words outside the grammar.
_UNKNOWN = "[unk]"
_LONGEST = 60.0
_DIGITS = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "幺", "两"]


class VoskEar:
    """A loaded model; see :class:`telephony.ear.Ear`."""

    def __init__(self, model: Path) -> None:
        vosk.SetLogLevel(-1)
        self.model = vosk.Model(str(model))

    def listen(self, hints: Hints) -> "VoskHearing":
        """Begin a turn."""
        return VoskHearing(self._recogniser(hints))

    def _recogniser(self, hints: Hints) -> vosk.KaldiRecognizer:
        grammar = self._grammar(hints)
        listed = [json.dumps(grammar, ensure_ascii=False)] if grammar else []
        recogniser = vosk.KaldiRecognizer(self.model, WIDE.rate, *listed)
        recogniser.SetWords(True)
        recogniser.SetPartialWords(True)
        return recogniser

    def _grammar(self, hints: Hints) -> list[str]:
        """Return the phrases as words that the model knows; empty if it knows none of them."""
        phrases = (*hints.phrases, *(_DIGITS if hints.digits else ()))
        known = (self._words(phrase) for phrase in phrases)
        written = sorted({" ".join(words) for words in known if words})
        return [*written, _UNKNOWN] if written else []

    def _words(self, phrase: str) -> list[str]:
        """Split a phrase into the longest words that the model knows; empty if one is missing."""
        words: list[str] = []
        for part in phrase.split():
            while part:
                length = next((n for n in range(len(part), 0, -1) if self._knows(part[:n])), 0)
                if not length:
                    return []
                words.append(part[:length])
                part = part[length:]
        return words

    def _knows(self, word: str) -> bool:
        return int(self.model.vosk_model_find_word(word)) >= 0


class VoskHearing:
    """One turn. What Vosk ends by itself within it is kept and joined."""

    def __init__(self, recogniser: vosk.KaldiRecognizer) -> None:
        self._recogniser = recogniser
        self._sound = TurnSound(_LONGEST)
        self._words: list[Word] = []
        self._partial = ""

    def feed(self, chunk: AudioChunk) -> Transcript | None:
        """Hear more; return what is heard so far when it has changed."""
        return self._accept(self._sound.add(chunk))

    def pause(self) -> Transcript | None:
        """Nothing is left to do: all was heard while it was fed."""
        return None

    def finish(self) -> Transcript:
        """Return all words, those outside the grammar left out."""
        self._accept(self._sound.end())
        self._words += _words_of(self._recogniser.FinalResult(), "result")
        return Transcript(tuple(self._words), final=True)

    def _accept(self, samples: Samples) -> Transcript | None:
        if not samples.size:
            return None
        if self._recogniser.AcceptWaveform(samples.astype("<i2").tobytes()):
            self._words += _words_of(self._recogniser.Result(), "result")
        heard = Transcript((*self._words, *self._coming()))
        changed, self._partial = heard.text != self._partial, heard.text
        return heard if changed else None

    def _coming(self) -> list[Word]:
        return _words_of(self._recogniser.PartialResult(), "partial_result")


def _words_of(result: str, key: str) -> list[Word]:
    return [
        Word(word["word"], word["start"], word["end"], min(1.0, word["conf"]))
        for word in json.loads(result).get(key, ())
        if word["word"] != _UNKNOWN
    ]


def ear(model: Path) -> VoskEar:
    """Return the loaded model of the folder ``model``."""
    return VoskEar(model)
