"""A process that answers an interview and is killed at its n-th statement.

It is the child of a parent that has read the forms already, so that it begins at once.

Reads commands ``PLACE KILL_AT`` from stdin; for each it forks a child, which continues the
interview of that place. The child says ``sent KEY BODY`` before and ``saved KEY REPLY`` after each
message; the parent says ``done STATUS`` when the child is gone.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from models.case import Cases
from models.conversation_store import TurnStore
from models.database import Database
from models.keys import KeyFile
from server.forms.library import SHIPPED, load_form
from survey_engine.interview import Status
from tests.models.sample import CAMPAIGN, Sample, body_for, found_in, number

#: Turns of a child that is not killed before.
TURNS = 4


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def prepared(forms: Any) -> Database:
    """A database without connections, which a child may inherit, that knows its statements."""
    database = Database.open(sys.argv[1], KeyFile.open(Path(sys.argv[2])))
    place = int(sys.argv[3])
    sample = of(database, forms, place)
    sample.start(place)
    sample.say("warm", body_for(sample.interview(place)), place)
    database.close()
    return database


def of(database: Database, forms: Any, place: int) -> Sample:
    mine = Cases(database).by_certificate(CAMPAIGN, number(place)).assignment_id
    return Sample(database, TurnStore(database, found_in(forms)), forms, ("",) * place + (mine,))


def child(
    database: Database, forms: Any, place: int, kill_at: int, again: tuple[str, str] | None
) -> None:
    sample = of(database, forms, place)
    seen = [0]

    def count(*_: Any) -> None:
        seen[0] += 1
        if seen[0] == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for hook in ("before_cursor_execute", "after_cursor_execute", "begin", "commit"):
        event.listen(database.engine, hook, count)
    sample.start(place)
    if again is not None:
        send(sample, place, *again)
    for _ in range(TURNS):
        interview = sample.interview(place)
        if interview.status is Status.OPEN:
            send(sample, place, f"{place}-{interview.length}", body_for(interview))
    database.close()


def send(sample: Sample, place: int, key: str, body: str) -> None:
    say(f"sent {key} {body}")
    reply = sample.say(key, body, place)
    say(f"saved {key} {reply.body} {reply.length}")


def main() -> None:
    forms = {"person": load_form(SHIPPED / "person.yaml")}
    database = prepared(forms)
    say("ready")
    for line in sys.stdin:
        place, kill_at, *again = line.split(" ", 3)
        resend = (again[0], again[1].rstrip("\n")) if len(again) == 2 else None
        pid = os.fork()
        if pid == 0:
            try:
                child(database, forms, int(place), int(kill_at), resend)
            except BaseException as error:
                say(f"failed {type(error).__name__} {error}")
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        say(f"done {status}")


if __name__ == "__main__":
    main()
