"""Rasa as a process of its own, in its own Python 3.10."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from server.failure import CommandFailedError
from server.rasa.project import SOURCE

MODEL = "tingwen"
_VERSION = "3.10"


def train(folder: Path, python: str) -> Path:
    """Train the project in ``folder`` and return the model's file."""
    named = ("--fixed-model-name", MODEL, "--out", "models", "--config", "config.yml")
    _run(
        (*_rasa(python), "train", "nlu", *named, "--nlu", "data", "--domain", "domain.yml"), folder
    )
    return folder / "models" / f"{MODEL}.tar.gz"


def serve(folder: Path, python: str, port: int) -> None:
    """Run the server on loopback until it is stopped.

    Raises :class:`CommandFailedError` if there is no model yet.
    """
    model = folder / "models" / f"{MODEL}.tar.gz"
    if not model.exists():
        raise CommandFailedError(f"{model} is not there; make it with tingwen rasa train.")
    address = ("--enable-api", "--interface", "127.0.0.1", "--port", str(port))
    _run((*_rasa(python), "run", "--model", str(model.resolve()), *address), folder)


def _rasa(python: str) -> Sequence[str]:
    """Return how Rasa is called: by the Python given, or by one that uv brings."""
    if python:
        return (python, "-m", "rasa")
    uv = shutil.which("uv")
    if uv is None:
        raise CommandFailedError(
            "Rasa needs its own Python 3.10: install uv, or name a Python that has rasa"
            " in TINGWEN_RASA_PYTHON."
        )
    needed = ("--with-requirements", str(SOURCE / "requirements.txt"))
    return (uv, "run", "--no-project", "--python", _VERSION, *needed, "rasa")


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, check=False)  # noqa: S603 - our own words
    except OSError as error:
        raise CommandFailedError(
            f"{command[0]} cannot be run ({error.strerror}); correct TINGWEN_RASA_PYTHON."
        ) from error
    if done.returncode:
        raise CommandFailedError(
            f"Rasa ended with code {done.returncode}; what it printed above says why."
        )
