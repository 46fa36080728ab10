"""``tingwen serve`` and the links of respondents."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
import uvicorn
from fastapi import APIRouter

from server.app import create_app
from server.commands.opened import opened_service
from server.failure import CommandFailedError
from server.link import new_link
from server.practice import practising
from server.service import Service
from server.settings import Settings
from server.telephone.asterisk import refuse_taken_port
from telephony.failure import CarrierError

#: Bytes of one WebSocket message; a minute of telephone sound takes 640,000.
_LONGEST_MESSAGE = 2_000_000


def serve(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Run the service with the settings given."""
    run_service(Service.open(Settings()), host, port)


def run_service(service: Service, host: str, port: int, more: Sequence[APIRouter] = ()) -> None:
    """Serve until a signal comes, with the routes of ``more`` besides.

    Raises :class:`server.failure.CommandFailedError` if the carrier's settings cannot be right.
    """
    practising(service)
    try:
        app = create_app(service, more)
        refuse_taken_port(app.state.exchange)
    except CarrierError as error:
        raise CommandFailedError(str(error)) from error
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        ws_max_size=_LONGEST_MESSAGE,
        ws_per_message_deflate=False,
    )


def link(
    campaign: Annotated[str, typer.Option()],
    person: Annotated[str, typer.Option(metavar="KEY", help="The certificate number.")],
) -> None:
    """Print a chat link for one person; it works for one browser and expires."""
    with opened_service() as service:
        case = service.cases.by_certificate(campaign, person)
        typer.echo(chat_address(service, case.assignment_id))


def chat_address(service: Service, assignment_id: str) -> str:
    """Return a fresh link to the chat of an assignment."""
    settings = service.settings
    made = new_link(assignment_id, datetime.now(UTC), settings.link_hours)
    return f"{settings.public_url.rstrip('/')}/chat/{made.token(service.database.keys)}"
