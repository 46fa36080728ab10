"""A private PostgreSQL cluster on loopback, without root, gone at the end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from models.database import OLDEST_POSTGRESQL

USER = "tingwen"
_BINARIES = Path("/usr/lib/postgresql")
_RUNNERS = ("postgres", "nobody")


def binaries() -> Path | None:
    """The newest server that is old enough to be allowed, or None."""
    found = [path.parent for path in _BINARIES.glob("*/bin/postgres")]
    versions = {int(path.parent.name): path for path in found if path.parent.name.isdigit()}
    fitting = [number for number in versions if number >= OLDEST_POSTGRESQL[0]]
    return versions[max(fitting)] if fitting else None


@dataclass(frozen=True, slots=True)
class _Runner:
    """Who runs the server: we ourselves, or another account where we are root."""

    uid: int | None
    gid: int | None

    @classmethod
    def choose(cls) -> "_Runner":
        if os.getuid() != 0:
            return cls(None, None)
        for name in _RUNNERS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise RuntimeError("no account to run PostgreSQL with; add one called postgres")

    def start(self, *command: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a program; a pipe that nobody reads would one day stop the server."""
        extra: list[int] | None = [] if self.uid is not None else None
        return subprocess.Popen(
            command,
            user=self.uid,
            group=self.gid,
            extra_groups=extra,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )


class Cluster:
    """A running server with its own data folder."""

    def __init__(self, bin_folder: Path, *, waits_for_disk: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tingwen-pg-"))
        self.port = _free_port()
        self._log = (self.folder / "log").open("wb")
        self._runner = _Runner.choose()
        if self._runner.uid is not None and self._runner.gid is not None:
            os.chown(self.folder, self._runner.uid, self._runner.gid)
        data = str(self.folder / "data")
        self._finish(
            str(bin_folder / "initdb"), "-D", data, "-U", USER, "--auth=trust", "--no-sync",
            "-E", "UTF8", "--locale=C",
        )  # fmt: skip
        self._server = self._runner.start(
            str(bin_folder / "postgres"), "-D", data, "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", f"fsync={'on' if waits_for_disk else 'off'}", "-c", "max_connections=200",
            "-c", "deadlock_timeout=200ms",
            log=self._log,
        )  # fmt: skip
        self._await()

    @property
    def pid(self) -> int:
        return self._server.pid

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with self._connect() as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _finish(self, *command: str) -> None:
        if self._runner.start(*command, log=self._log).wait():
            raise RuntimeError((self.folder / "log").read_text(errors="replace"))

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, dbname="postgres", autocommit=True
        )

    def _await(self) -> None:
        for _ in range(200):
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise RuntimeError("PostgreSQL does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
