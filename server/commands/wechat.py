"""``tingwen wechat``: the account's menu, and tickets that bind somebody's WeChat to them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from server.commands.opened import opened_service
from server.failure import CommandFailedError
from server.settings import Settings
from server.wechat.account import wechat_api
from server.wechat.api import WechatApi
from server.wechat.fault import ApiError
from server.wechat.menu import MENU
from server.wechat.ticket import new_ticket

app = typer.Typer(no_args_is_help=True, help="The WeChat official account.")


@app.command("menu")
def menu() -> None:
    """Put the menu of this program into the account."""
    with _asked(Settings()) as api:
        api.make_menu(MENU)
    typer.echo("公众号的菜单已经更新，关注者最迟 24 小时后看到。")


@app.command("ticket")
def ticket(
    campaign: Annotated[str, typer.Option()],
    person: Annotated[str, typer.Option(metavar="KEY", help="The certificate number.")],
    qr: Annotated[bool, typer.Option("--qr", help="Ask WeChat for a QR code's address.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
) -> None:
    """Print a ticket: sent to the account, or scanned as its QR code, it binds whoever sends it."""
    settings = Settings()
    with opened_service(settings) as service:
        case = service.cases.by_certificate(campaign, person)
        made = new_ticket(case.assignment_id, datetime.now(UTC), settings.link_hours)
        text = made.text(service.database.keys)
    told = {"ticket": text, "expires_at": made.expires_at.isoformat()}
    if qr:
        with _asked(settings) as api:
            told["address"] = api.ticket_address(text, settings.link_hours * 3600)
    lines = json.dumps(told, ensure_ascii=False) if as_json else "\n".join(told.values())
    typer.echo(lines)


@contextmanager
def _asked(settings: Settings) -> Iterator[WechatApi]:
    api = wechat_api(settings)
    try:
        yield api
    except ApiError as error:
        raise CommandFailedError(str(error)) from error
    finally:
        api.close()
