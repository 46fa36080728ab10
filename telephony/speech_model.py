"""Speech models: which there are, what they are made of, and which are installed here."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path

import yaml

from telephony.failure import ModelError

#: In every installed model: the SHA-256 of each of its files when it was installed.
SUMS = "sums.json"
_BLOCK = 1 << 20
#: Hears how many bytes came, and how many the download has in all; 0 where nobody knows.
Progress = Callable[[int, int], None]


class Fault(Enum):
    """What can be wrong with a model; the sentence says where, what, and what to do next."""

    UNKNOWN = "没有叫 {name} 的模型；可选：{known}"
    MISSING = "模型 {name} 没有安装；请运行 tingwen models fetch {name}"
    DAMAGED = "模型 {name} 的文件 {file} 不完整或被改动；请重新运行 tingwen models fetch {name}"
    BAD_SUM = "{file} 的校验值是 {found}，应为 {wanted}；没有安装，请换一个来源再取"
    NO_SOURCE = "模型 {name} 不在软件包索引里；请用 --from 给出 {archive} 的网址或文件（见 {page}）"
    NO_ANSWER = "取不到 {address}（{reason}）；请检查网络后再运行同一条命令，会从断点继续"
    NO_ARCHIVE = "{file} 不是模型的压缩包（{reason}）；请核对下载的文件"
    NO_ROOM = "写不进 {path}（{reason}）；请腾出空间或检查权限后再试"


class State(StrEnum):
    """How a model stands in the data folder."""

    INSTALLED = "installed"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside a package of an index (``pypi`` or ``npm``)."""

    index: str
    package: str
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, joined from its parts in order."""

    name: str
    size: int
    sha256: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """A model: of ``files`` that package indexes carry, or one ``archive`` from elsewhere.

    ``needs`` are the files without which an archive is not this model, ``page`` is where it is had.
    """

    name: str
    use: str
    title: str
    files: tuple[ModelFile, ...] = ()
    archive: str = ""
    needs: tuple[str, ...] = ()
    page: str = ""

    @property
    def size(self) -> int:
        """The bytes of its files; 0 for an archive."""
        return sum(file.size for file in self.files)


@cache
def speech_models() -> Mapping[str, SpeechModel]:
    """Return all models that are known, by name."""
    listed = yaml.safe_load(Path(__file__).with_name("models.yaml").read_text(encoding="utf-8"))
    return {name: _model(name, written) for name, written in listed.items()}


def speech_model(name: str) -> SpeechModel:
    """Return the model ``name``. Raises :class:`telephony.failure.ModelError`."""
    known = speech_models()
    if name not in known:
        raise ModelError(Fault.UNKNOWN, name=name, known="、".join(known))
    return known[name]


def _model(name: str, written: Mapping[str, object]) -> SpeechModel:
    files, needs = written.get("files", ()), written.get("needs", ())
    return SpeechModel(
        name=name,
        use=str(written["use"]),
        title=str(written["title"]),
        files=tuple(map(_file, files)) if isinstance(files, list) else (),
        archive=str(written.get("archive", "")),
        needs=tuple(map(str, needs)) if isinstance(needs, list) else (),
        page=str(written.get("page", "")),
    )


def _file(written: Mapping[str, object]) -> ModelFile:
    parts = written["parts"]
    listed = parts if isinstance(parts, list) else []
    return ModelFile(
        name=str(written["name"]),
        size=int(str(written["size"])),
        sha256=str(written["sha256"]),
        parts=tuple(Part(*str(part).split()) for part in listed),
    )


@dataclass(frozen=True, slots=True)
class ModelShelf:
    """The folder in which the models of a service stand, one folder each."""

    folder: Path

    def path(self, model: SpeechModel) -> Path:
        """Return where a model stands or would stand."""
        return self.folder / model.name

    def has(self, model: SpeechModel) -> bool:
        """Whether a model was installed; its files are not read."""
        return (self.path(model) / SUMS).is_file()

    def installed(self, name: str) -> Path:
        """Return the folder of a model. Raises ``ModelError`` if it was not installed."""
        model = speech_model(name)
        if not self.has(model):
            raise ModelError(Fault.MISSING, name=name)
        return self.path(model)

    def state(self, model: SpeechModel) -> State:
        """Return how a model stands; reads all its files."""
        if not self.has(model):
            return State.MISSING
        return State.DAMAGED if any(self._damaged(model)) else State.INSTALLED

    def check(self, model: SpeechModel) -> None:
        """Read all files of a model. Raises ``ModelError`` if it is missing or damaged."""
        self.installed(model.name)
        for file in self._damaged(model):
            raise ModelError(Fault.DAMAGED, name=model.name, file=file)

    def _damaged(self, model: SpeechModel) -> Iterator[str]:
        """Yield the files that are not as they were installed; ours know it from the catalogue."""
        folder = self.path(model)
        sums = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        for name, sha256 in {**sums, **{file.name: file.sha256 for file in model.files}}.items():
            file = folder / name
            if not file.is_file() or sha256_of(file) != sha256:
                yield name


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
