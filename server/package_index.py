"""Where this machine's own package clients find packages."""

import os
import shutil
import subprocess
import sys

from server.settings import Settings
from telephony.model_fetch import Indexes

_NAMES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
_SECONDS = 20


def indexes_of(settings: Settings) -> Indexes:
    """Return the indexes that the settings name, or else those that pip and npm are set to.

    An index that nobody knows of is empty.
    """
    return Indexes(pypi=settings.package_index or _of_pip(), npm=settings.npm_registry or _of_npm())


def _of_pip() -> str:
    named = next((os.environ[name] for name in _NAMES if os.environ.get(name)), "")
    return (
        named or _said(sys.executable, "-m", "pip", "config", "get", "global.index-url") or _own()
    )


def _own() -> str:
    """Return the index that pip uses where nobody has named one."""
    told = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return _said(sys.executable, "-c", told)


def _of_npm() -> str:
    npm = shutil.which("npm")
    return _said(npm, "config", "get", "registry") if npm else ""


def _said(*command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
