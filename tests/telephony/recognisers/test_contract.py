"""What every recogniser keeps to; each file in telephony/recognisers has its case here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import soundfile

import telephony.recognisers
from telephony.audio import (
    TELEPHONE,
    WIDE,
    AudioChunk,
    AudioFormat,
    Encoding,
    from_samples,
    silence,
)
from telephony.failure import RecogniserError
from telephony.recogniser import Hints, Recogniser, Transcript
from telephony.recognisers.scripted import ScriptedRecogniser
from telephony.speech_model import ModelShelf
from telephony.workers import Setup, WorkerRecogniser
from tests.telephony.clips import FOLDER, spoken_answers
from tests.telephony.conftest import KOREAN

#: What hears nothing ever, and what is no recogniser.
_NO_RECOGNISER = {"__init__", "absent", "fault", "spelling"}


def _scripted(shelf: ModelShelf) -> Recogniser:
    return ScriptedRecogniser(["满意挺好的"] * 20)


def _vosk(shelf: ModelShelf) -> Recogniser:
    return WorkerRecogniser(Setup("vosk", "telephony.recognisers.vosk", KOREAN))


def _whisper(shelf: ModelShelf) -> Recogniser:
    model = shelf.installed("whisper-base")
    return WorkerRecogniser(Setup("whisper", "telephony.recognisers.whisper", model, streams=False))


def _mandarin() -> AudioChunk:
    return next(clip for clip in spoken_answers("tel8k") if clip.transcript == "满意挺好的").chunk


def _korean() -> AudioChunk:
    samples, rate = soundfile.read(FOLDER / "korean" / "goes_to_school.flac", dtype="int16")
    return from_samples(samples, AudioFormat(Encoding.PCM, rate))


_KOREAN_WORDS = Hints(("아니요", "예", "학교에", "갑니다"))
_CASES = {
    "scripted": (_scripted, _mandarin, Hints(), "满意挺好的"),
    "vosk": (_vosk, _korean, _KOREAN_WORDS, "갑니다"),
    "whisper": (_whisper, _mandarin, Hints(("满意", "挺好的", "不满意", "一般")), "满意"),
}


def test_every_recogniser_has_its_case() -> None:
    files = Path(telephony.recognisers.__path__[0]).glob("*.py")
    assert {file.stem for file in files} - _NO_RECOGNISER == set(_CASES)


@pytest.mark.parametrize("name", _CASES)
def test_the_contract(name: str, shelf: ModelShelf) -> None:
    """One event loop and one loaded model for all of it."""
    make, clip, hints, words = _CASES[name]

    async def all_of_it() -> None:
        async with _open(make(shelf)) as recogniser:
            await _hears(recogniser, clip(), hints, words)
            await _hears_many_at_once(recogniser, clip(), hints, words)
            await _hears_ahead(recogniser, clip(), hints, words)
            await _hears_nothing(recogniser)
            await _takes_any_sound(recogniser)
            await _forgets(recogniser, clip(), hints)
        with pytest.raises(RecogniserError):
            await recogniser.listen(hints)

    asyncio.run(all_of_it())


@asynccontextmanager
async def _open(recogniser: Recogniser) -> AsyncIterator[Recogniser]:
    try:
        yield recogniser
    finally:
        await recogniser.close()
    await recogniser.close()


async def said(recogniser: Recogniser, chunk: AudioChunk, hints: Hints) -> Transcript:
    """Feed ``chunk`` as a line does, 20 ms at a time, and return what was heard."""
    listening = await recogniser.listen(hints)
    step = chunk.format.bytes_per_second // 50
    for at in range(0, len(chunk.data), step):
        partial = await listening.feed(AudioChunk(chunk.format, chunk.data[at : at + step]))
        assert partial is None or not partial.final
    return await listening.finish()


async def _hears(recogniser: Recogniser, clip: AudioChunk, hints: Hints, words: str) -> None:
    for line in (TELEPHONE, WIDE):
        heard = await said(recogniser, clip.to(line), hints)
        assert heard.final
        assert words in heard.text
        assert all(0 <= word.start <= word.end <= clip.seconds + 0.1 for word in heard.words)
        assert all(a.start <= b.start for a, b in zip(heard.words, heard.words[1:], strict=False))
        assert all(0 <= word.confidence <= 1 for word in heard.words)


async def _hears_many_at_once(
    recogniser: Recogniser, clip: AudioChunk, hints: Hints, words: str
) -> None:
    hearings = (said(recogniser, clip.to(TELEPHONE), hints) for _ in range(4))
    assert all(words in heard.text for heard in await asyncio.gather(*hearings))


async def _hears_ahead(recogniser: Recogniser, clip: AudioChunk, hints: Hints, words: str) -> None:
    """A pause may be the end, or it may not."""
    ending = await recogniser.listen(hints)
    await ending.feed(clip)
    for _ in range(3):
        partial = await ending.pause()
        assert partial is None or not partial.final
    assert words in (await ending.finish()).text
    going_on = await recogniser.listen(hints)
    await going_on.feed(silence(0.5, clip.format))
    await going_on.pause()
    await going_on.feed(clip)
    assert words in (await going_on.finish()).text


async def _hears_nothing(recogniser: Recogniser) -> None:
    listening = await recogniser.listen(Hints())
    assert (await listening.finish()).text == ""


async def _takes_any_sound(recogniser: Recogniser) -> None:
    for data in (b"\1", b"\1\2\3", bytes(32_000), b"\xff\x7f\x00\x80" * 8_000):
        heard = await said(recogniser, AudioChunk(WIDE, data), Hints())
        assert heard.final


async def _forgets(recogniser: Recogniser, clip: AudioChunk, hints: Hints) -> None:
    listening = await recogniser.listen(hints)
    await listening.feed(clip)
    await listening.cancel()
    await listening.cancel()
