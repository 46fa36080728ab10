"""Whisper on CTranslate2, made fit for answers on the telephone.

The encoder sees a window of 10 s instead of 30; the decoder may only write characters that the
question just asked expects, as a grammar would, and is primed with its likely answers; all of it
was measured (docs/speech.md). The confidence of a word is what the model holds of it without any
of that.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from math import exp
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer
from tokenizers import Tokenizer as Vocabulary

from telephony.audio import WIDE, AudioChunk
from telephony.recogniser import Hints, Transcript, Word
from telephony.recognisers.spelling import Spelling, simplified
from telephony.turn_sound import TurnSound

Floats = npt.NDArray[np.float32]

_FRAME = 160
_WINDOW, _MARGIN, _LONGEST = 1_000, 500, 3_000
_BEAM = 8
#: Nobody says more characters a second; what is longer was invented.
_CHARACTERS_A_SECOND = 8
#: So many characters of likely answers the decoder is primed with.
_PRIMED = 150
_DIGITS = frozenset("零〇一二三四五六七八九幺两0123456789")
#: Below this level (of 1) there is nothing to hear, and Whisper would invent something.
_SILENT = 1e-3
#: Three times or more the same is the model's stammer, not the person's; digits are exempt.
_STAMMER = re.compile(r"([^零〇一二三四五六七八九幺\d]{1,6}?)\1{2,}")


class WhisperEar:
    """A loaded model; see :class:`telephony.ear.Ear`."""

    def __init__(self, model: Path) -> None:
        self._model = ctranslate2.models.Whisper(
            str(model), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
        )
        self._features = FeatureExtractor()
        vocabulary = Vocabulary.from_file(str(model / "tokenizer.json"))
        self._tokens = Tokenizer(vocabulary, True, task="transcribe", language="zh")
        self._spelling = Spelling(self._tokens)

    def listen(self, hints: Hints) -> "WhisperHearing":
        """Begin a turn."""
        return WhisperHearing(self, hints)

    def hear(self, samples: Floats, hints: Hints) -> Transcript:
        """Return what was said in a turn of at most 30 s at 16 kHz, samples from -1 to 1."""
        if not samples.size or float(np.abs(samples).max()) < _SILENT:
            return Transcript(final=True)
        encoded, frames = self._encoded(samples)
        seconds = len(samples) / WIDE.rate
        decoded = self._decoded(encoded, hints, seconds)
        words = guarded(self._timed(encoded, decoded[0][0], frames), seconds)
        return Transcript(tuple(words), True, self._hearings(decoded, seconds))

    def _hearings(
        self, decoded: list[tuple[list[int], float]], seconds: float
    ) -> tuple[tuple[str, float], ...]:
        shares: dict[str, float] = {}
        for tokens, share in decoded:
            text = sane(simplified(self._tokens.decode(tokens)), seconds)
            if text:
                shares[text] = min(1.0, shares.get(text, 0.0) + share)
        return tuple(sorted(shares.items(), key=lambda one: -one[1]))

    def _encoded(self, samples: Floats) -> tuple[Any, int]:
        frames = len(samples) // _FRAME
        window = _WINDOW if frames <= _WINDOW else min(frames + _MARGIN, _LONGEST)
        padded = np.pad(samples[: window * _FRAME], (0, max(0, window * _FRAME - len(samples))))
        mel = np.ascontiguousarray(self._features(padded)[None, :, :window], np.float32)
        return self._model.encode(ctranslate2.StorageView.from_array(mel)), min(frames, window)

    def _decoded(self, encoded: Any, hints: Hints, seconds: float) -> list[tuple[list[int], float]]:
        """Return the hearings as tokens with their probability, the likeliest first.

        The decoder ranks by probability a token, which favours rare characters of two tokens.
        """
        primed = self._primed(hints)
        (result,) = self._model.generate(
            encoded,
            [[*primed, *self._tokens.sot_sequence, self._tokens.no_timestamps]],
            beam_size=_BEAM,
            num_hypotheses=_BEAM,
            return_scores=True,
            max_length=len(primed) + 8 + round(seconds * _CHARACTERS_A_SECOND * 1.5),
            suppress_tokens=self._suppressed(hints),
        )
        ranked = zip(result.sequences_ids, result.scores, strict=True)
        shared = [(list(tokens), exp(score * len(tokens))) for tokens, score in ranked]
        return sorted(shared, key=lambda one: (not one[0], -one[1]))

    def _primed(self, hints: Hints) -> list[int]:
        """The likely answers as words that went before; never more, or it invents them."""
        text = "，".join(hints.likely)[:_PRIMED]
        return [self._tokens.sot_prev, *self._tokens.encode(text)] if text else []

    def _suppressed(self, hints: Hints) -> list[int]:
        if not hints.phrases and not hints.digits:
            return self._spelling.chinese
        signs = frozenset(sign for sign in "".join(hints.phrases) if sign.isalnum())
        return self._spelling.only(signs | _DIGITS if hints.digits else signs)

    def _timed(self, encoded: Any, tokens: list[int], frames: int) -> tuple[Word, ...]:
        """Return the tokens as words of whole characters, with times and free probabilities."""
        if not tokens:
            return ()
        sequence = self._tokens.sot_sequence
        (aligned,) = self._model.align(encoded, sequence, [tokens], max(frames, 1))
        begins = _begins(aligned.alignments, len(tokens), frames)
        texts, parts = self._tokens.split_to_word_tokens(tokens)
        ends = np.cumsum([len(part) for part in parts])
        return tuple(
            Word(
                simplified(text),
                begins[end - len(part)],
                begins[end],
                float(np.min(aligned.text_token_probs[end - len(part) : end])),
            )
            for text, part, end in zip(texts, parts, ends, strict=True)
        )


class WhisperHearing:
    """One turn, heard as a whole when nobody speaks any more."""

    def __init__(self, whisper: WhisperEar, hints: Hints) -> None:
        self._ear = whisper
        self._hints = hints
        self._sound = TurnSound(_LONGEST * _FRAME / WIDE.rate)
        self._heard: Transcript | None = None

    def feed(self, chunk: AudioChunk) -> Transcript | None:
        """Gather; what was heard of less is heard anew."""
        self._sound.add(chunk)
        self._heard = None
        return None

    def pause(self) -> Transcript | None:
        """Hear what there is; return it as a partial transcript."""
        if self._heard is not None:
            return None
        self._heard = self._hear()
        return replace(self._heard, final=False, hearings=())

    def finish(self) -> Transcript:
        """Return what was heard, by now or in the pause before."""
        self._sound.end()
        return self._heard or self._hear()

    def _hear(self) -> Transcript:
        samples = self._sound.samples.astype(np.float32) / np.float32(32_768)
        return self._ear.hear(samples, self._hints)


def sane(text: str, seconds: float) -> str:
    """Return ``text`` without stammer; nothing if it is broken or too long for the time."""
    if _is_invented(text, seconds):
        return ""
    dropped = _repeats(text)
    return "".join(sign for place, sign in enumerate(text) if place not in dropped)


def _is_invented(text: str, seconds: float) -> bool:
    return "\ufffd" in text or len(text) > seconds * _CHARACTERS_A_SECOND


def guarded(words: tuple[Word, ...], seconds: float) -> Iterator[Word]:
    """Yield the words without stammer, and none where there are too many for the time."""
    text = "".join(word.text for word in words)
    if _is_invented(text, seconds):
        return
    dropped = _repeats(text)
    place = 0
    for word in words:
        if not dropped.intersection(range(place, place + len(word.text))):
            yield word
        place += len(word.text)


def _repeats(text: str) -> frozenset[int]:
    """Return the places of what is said a second, third … time in a stammer."""
    return frozenset(
        place
        for match in _STAMMER.finditer(text)
        for place in range(match.start() + len(match[1]), match.end())
    )


def _begins(alignments: list[tuple[int, int]], tokens: int, frames: int) -> list[float]:
    """Return when each token begins, and as the last one when the sound ends; in seconds."""
    begins = [frames / 100] * (tokens + 1)
    for token, frame in reversed(alignments):
        if token <= tokens:
            begins[token] = min(frame / 50, frames / 100)
    return begins


def ear(model: Path) -> WhisperEar:
    """Return the loaded model of the folder ``model``."""
    return WhisperEar(model)
