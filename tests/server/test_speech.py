"""Who hears and who speaks, as the settings want it; the script of prompts to read in."""

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dialog.wording import Office
from server.cli import main
from server.form_shelf import FormShelf
from server.settings import Settings
from server.speech import FixedTexts, can_talk, office_of, setup_of, synthesis_of, voice_of
from telephony.failure import RecogniserError, VoiceError
from telephony.speech_model import SUMS, ModelShelf, speech_model


def settings(data: Path, **more: object) -> Settings:
    return Settings.model_validate({"data_dir": data, **more})


def put_model(data: Path, name: str) -> Path:
    folder = ModelShelf(data / "models").path(speech_model(name))
    folder.mkdir(parents=True)
    (folder / SUMS).write_text("{}", encoding="utf-8")
    return folder


def test_vosk_is_the_default_where_a_chinese_model_is_present(tmp_path: Path) -> None:
    put_model(tmp_path, "whisper-base")
    assert setup_of(settings(tmp_path)).name == "whisper"
    small = put_model(tmp_path, "vosk-cn-small")
    assert setup_of(settings(tmp_path)).model == small.resolve()
    large = put_model(tmp_path, "vosk-cn")
    found = setup_of(settings(tmp_path))
    assert (found.name, found.model, found.streams) == ("vosk", large.resolve(), True)


def test_a_recogniser_may_be_chosen_with_its_folder(tmp_path: Path) -> None:
    put_model(tmp_path, "vosk-cn")
    mine = tmp_path / "mine"
    mine.mkdir()
    chosen = setup_of(settings(tmp_path, recogniser="whisper", whisper_model=mine))
    assert (chosen.name, chosen.model, chosen.streams) == ("whisper", mine.resolve(), False)


@pytest.mark.parametrize(
    ("recogniser", "said"),
    [("auto", "fetch whisper-base"), ("vosk", "fetch vosk-cn-small"), ("whisper", "whisper-base")],
)
def test_without_a_model_the_sentence_says_what_to_fetch(
    tmp_path: Path, recogniser: str, said: str
) -> None:
    with pytest.raises(RecogniserError, match=said):
        setup_of(settings(tmp_path, recogniser=recogniser))
    assert not can_talk(settings(tmp_path, recogniser=recogniser))


def test_a_folder_that_is_not_there_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(RecogniserError, match="nowhere"):
        setup_of(settings(tmp_path, recogniser="vosk", vosk_model=tmp_path / "nowhere"))


def test_espeak_is_the_last_resort(tmp_path: Path) -> None:
    assert synthesis_of(settings(tmp_path)).name == "espeak"
    with pytest.raises(VoiceError, match="kokoro-82m"):
        synthesis_of(settings(tmp_path, voice="kokoro")).speak("您好")


def test_only_sentences_of_the_forms_lie_on_disk(tmp_path: Path) -> None:
    fixed = FixedTexts(FormShelf(tmp_path / "forms"), office_of(settings(tmp_path)))
    assert "照应的人叫什么，是什么关系？" in fixed
    assert "残疾证上的姓名是什么？" in fixed, "who calls is asked in the same voice"
    assert "请问您是张三本人吗？" not in fixed
    voice = voice_of(settings(tmp_path), fixed)
    voice.speak("照应的人叫什么，是什么关系？")
    voice.speak("请问您是张三本人吗？")
    assert len(list((tmp_path / "spoken").iterdir())) == 1


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["tingwen", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_script_names_each_recording_and_they_are_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TINGWEN_DATA_DIR", str(tmp_path))
    assert run(monkeypatch, "voices", "script") == 0
    lines = (tmp_path / "prompts" / "prompts.tsv").read_text(encoding="utf-8").splitlines()
    texts = dict(line.split("\t") for line in lines)
    soundfile.write(
        tmp_path / "prompts" / "A5.reask.wav", 0.3 * np.sin(np.arange(4_800) / 9), 48_000
    )
    voice = voice_of(settings(tmp_path), ())
    assert voice.speak(texts["A5.reask"]).format.rate == 48_000
    assert Office().callback in texts["script.who_are_you"]


def test_a_script_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert run(monkeypatch, "voices", "script", "--out", tmp_path / "taken") == 1
    assert capsys.readouterr().err.count("\n") == 1
