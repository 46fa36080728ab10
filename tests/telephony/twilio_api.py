"""Twilio's REST interface as far as calls go, on a real socket."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Form = dict[str, list[str]]


@dataclass
class TwilioApi:
    """What was asked of the API, and how it answers; ``refuse`` is an HTTP status and a code.

    Whoever is moved is so ``moves_after`` seconds, and that is answered as many ``tells_after``.
    """

    base: str = ""
    asked: list[tuple[str, str, Form]] = field(default_factory=list)
    refuse: tuple[int, int] | None = None
    states: dict[str, str] = field(default_factory=dict)
    moves_after: float = 0.0
    tells_after: float = 0.0
    on_place: Callable[[str, Form], None] | None = None
    on_move: Callable[[str, str], None] | None = None

    def answer(self, method: str, path: str, form: Form) -> tuple[int, dict[str, object]]:
        self.asked.append((method, path, form))
        if self.refuse:
            status, code = self.refuse
            return status, {"code": code, "message": "refused", "status": status}
        name = path.rsplit("/", 1)[-1].removesuffix(".json")
        if name == "Calls":
            name = f"CA{len(self.states):032x}"
            self.states[name] = "queued"
            if self.on_place:
                self.on_place(name, form)
        if name == "Messages":
            return 201, {"sid": f"SM{len(self.asked):032x}", "status": "queued"}
        if name not in self.states:
            return 404, {"code": 20404, "message": "gone", "status": 404}
        if "Twiml" in form and self.on_move:
            time.sleep(self.moves_after)
            self.on_move(name, form["Twiml"][0])
            time.sleep(self.tells_after)
        if "Status" in form:
            self.states[name] = form["Status"][0]
        created = 201 if path.endswith("/Calls.json") else 200
        return created, {"sid": name, "status": self.states[name]}


@contextmanager
def twilio_api() -> Iterator[TwilioApi]:
    api = TwilioApi()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self._reply(parse_qs(body, keep_blank_values=True))

        def do_GET(self) -> None:
            self._reply({})

        def _reply(self, form: Form) -> None:
            status, fields = api.answer(self.command, self.path, form)
            text = json.dumps(fields).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # nobody waits any more
                self.wfile.write(text)

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
