"""What makes Whisper fit for the telephone."""

import pytest

from telephony.recogniser import Hints, Word
from telephony.recognisers.whisper import WhisperEar, ear, guarded
from telephony.speech_model import ModelShelf
from tests.telephony.clips import SpokenAnswer, spoken_answers


@pytest.fixture(scope="module")
def whisper(shelf: ModelShelf) -> WhisperEar:
    return ear(shelf.installed("whisper-base"))


def heard(whisper: WhisperEar, clip: SpokenAnswer, hints: Hints) -> str:
    hearing = whisper.listen(hints)
    hearing.feed(clip.chunk)
    return hearing.finish().text


def clip_of(transcript: str) -> SpokenAnswer:
    return next(clip for clip in spoken_answers("tel8k") if clip.transcript == transcript)


def test_only_expected_characters_are_written(whisper: WhisperEar) -> None:
    phrases = ("有", "没有", "不知道", "低保", "我吃低保的")
    allowed = set("".join(phrases))
    for clip in spoken_answers("pink10loss2"):
        assert set(heard(whisper, clip, Hints(phrases))) <= allowed


def test_the_whitelist_turns_a_homophone_into_the_expected_word(whisper: WhisperEar) -> None:
    clip = clip_of("我吃低保的")
    assert "低保" not in heard(whisper, clip, Hints())
    assert "低保" in heard(whisper, clip, Hints(("低保", "我吃低保的", "没有", "特困")))


def test_numbers_are_written_as_they_are_said(whisper: WhisperEar) -> None:
    hints = Hints(("一个月", "块钱", "十", "百", "千"), digits=True)
    assert heard(whisper, clip_of("一个月一千二"), hints) == "一个月一千二"


def test_silence_and_hum_are_no_words(whisper: WhisperEar) -> None:
    hearing = whisper.listen(Hints())
    assert hearing.finish().text == ""


def word(text: str) -> Word:
    return Word(text, 0.0, 0.1, 0.9)


def kept(text: str, seconds: float) -> str:
    return "".join(one.text for one in guarded(tuple(map(word, text)), seconds))


@pytest.mark.parametrize(
    ("text", "seconds", "expected"),
    [
        ("我在我在我在我在种地", 3.0, "我在种地"),
        ("谢谢", 3.0, "谢谢"),
        ("有的有的", 3.0, "有的有的"),
        ("一三八零零零零", 3.0, "一三八零零零零"),
        ("请不吝点赞订阅转发打赏", 1.0, ""),
        ("\ufffd低保", 3.0, ""),
    ],
)
def test_guards(text: str, seconds: float, expected: str) -> None:
    assert kept(text, seconds) == expected
