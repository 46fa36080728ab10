"""A real HTTP server on loopback that answers POST requests as a test says."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Peer:
    """What it was asked, and what it answers: JSON, or raw text that is none."""

    answer: Callable[[dict[str, Any]], object]
    delay: float = 0.0
    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def peer(answer: Callable[[dict[str, Any]], object]) -> Iterator[Peer]:
    """Serve until the block ends."""
    held = Peer(answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(held))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(held: Peer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            held.asked.append(asked)
            held.paths.append(self.path)
            time.sleep(held.delay)
            answer = held.answer(asked)
            body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            try:
                self.send_response(held.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                return

        def log_message(self, *args: object) -> None:
            return

    return Handler
