"""Archives of speech models, which come from anywhere and are unpacked with care."""

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from telephony.failure import ModelError
from telephony.speech_model import Fault, SpeechModel

_BLOCK = 1 << 20
_LARGEST, _MOST_FILES = 4 << 30, 10_000


def unpack(file: Path, folder: Path, model: SpeechModel) -> None:
    """Unpack a .zip whose one top folder, if it has one, is left out; nothing leaves ``folder``."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            top = _top(members)
            _refuse(file, members, model, top)
            for member in members:
                target = folder / member.filename.removeprefix(top)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as content, target.open("wb") as written:
                    shutil.copyfileobj(content, written, _BLOCK)
    except (zipfile.BadZipFile, FileNotFoundError, NotImplementedError, RuntimeError) as error:
        raise ModelError(Fault.NO_ARCHIVE, file=file, reason=error) from error


def _top(members: list[zipfile.ZipInfo]) -> str:
    tops = {member.filename.partition("/")[0] + "/" for member in members}
    top = min(tops, default="")
    return top if len(tops) == 1 and all("/" in one.filename for one in members) else ""


def _refuse(file: Path, members: list[zipfile.ZipInfo], model: SpeechModel, top: str) -> None:
    names = {member.filename.removeprefix(top) for member in members}
    reasons = {
        "文件太多": len(members) > _MOST_FILES,
        "太大": sum(member.file_size for member in members) > _LARGEST,
        "路径越界": any(_escapes(name) for name in names),
        f"缺少 {'、'.join(sorted(set(model.needs) - names))}": not names.issuperset(model.needs),
    }
    for reason in (reason for reason, holds in reasons.items() if holds):
        raise ModelError(Fault.NO_ARCHIVE, file=file, reason=reason)


def _escapes(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name
