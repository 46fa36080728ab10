"""``tingwen staff``: accounts of those who work with the records."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from models.region import COUNTRY, Region
from models.sign_in_failure import SignInFailures
from models.staff import Account, Staff
from models.tables.staff import ROLES
from server.calls.own_telephone import dialable
from server.commands.opened import opened_service
from server.desk.password import first_password
from server.desk.permission import ROLE_WORDS
from server.failure import CommandFailedError

app = typer.Typer(no_args_is_help=True, help="Accounts of those who work with the records.")
AsJson = Annotated[bool, typer.Option("--json", help="Print for machines.")]
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_BY = "cli"
_CALLS = "caller"


@app.command("add")
def add(
    login: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    region: Annotated[str, typer.Option(help="12 digits.")] = COUNTRY,
    language: Annotated[
        list[str] | None, typer.Option(help="A language or dialect spoken.")
    ] = None,
    skill: Annotated[list[str] | None, typer.Option(help="Like sign language.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add an account and print its first password, which works until the first sign-in."""
    _check(login, region)
    password = first_password()
    with opened_service() as service:
        account = Account(
            login=login,
            name=name,
            role=role,
            password=service.sign_in.passwords.hashed(password),
            region=region,
            languages=tuple(language or ()),
            skills=tuple(skill or ()),
            fresh=True,
        )
        Staff(service.database).add(account, by=_BY, at=datetime.now(UTC))
    _tell(login, password, as_json)


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """List all accounts."""
    with opened_service() as service:
        accounts = Staff(service.database).all()
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in accounts], ensure_ascii=False))
        return
    for one in accounts:
        state = "" if one.active else "（停用）"
        fresh = "（还没有第一次登录）" if one.fresh else ""
        typer.echo(f"{one.login}  {one.name}  {ROLE_WORDS[one.role]}  {one.region}{state}{fresh}")


@app.command("reset")
def reset(login: Annotated[str, typer.Argument()], as_json: AsJson = False) -> None:
    """Give a new first password; the old one, its codes and passkeys and all sittings end."""
    password = first_password()
    with opened_service() as service:
        hashed = service.sign_in.passwords.hashed(password)
        Staff(service.database).renew(login, password=hashed, by=_BY, at=datetime.now(UTC))
        SignInFailures(service.database).unlock(login)
    _tell(login, password, as_json)


@app.command("deactivate")
def deactivate(login: Annotated[str, typer.Argument()]) -> None:
    """End an account; its name stays with what it did, and all its sittings end at once."""
    with opened_service() as service:
        staff = Staff(service.database)
        account = staff.get(login)
        if account is None:
            raise CommandFailedError(f"There is no login {login}; tingwen staff list shows them.")
        staff.replace(replace(account, active=False), by=_BY, at=datetime.now(UTC))
    typer.echo(f"{login} 已停用。")


@app.command("telephone")
def telephone(
    login: Annotated[str, typer.Argument()],
    number: Annotated[
        str | None,
        typer.Argument(help="A number or SIP address; '' for none. Asked for if left out."),
    ] = None,
) -> None:
    """Set the telephone of a caller, which the carrier rings before the person is dialled."""
    given = typer.prompt("话机号码", hide_input=True) if number is None else number
    kept = dialable(given)
    if given.strip() and not kept:
        raise CommandFailedError(
            "This is no telephone; give a number with area code and without extension, or an"
            " address like sip:huawu1@pbx.example."
        )
    with opened_service() as service:
        staff = Staff(service.database)
        account = staff.get(login)
        if account is None or account.role != _CALLS:
            raise CommandFailedError(
                f"{login} is no caller, and only callers have a telephone; tingwen staff list"
                " shows the roles."
            )
        staff.keep_telephone(login, kept, by=_BY, at=datetime.now(UTC))
    typer.echo(f"{login} 的话机{'记下了。' if kept else '删去了。'}")


def _check(login: str, region: str) -> None:
    if not _LOGIN.fullmatch(login):
        raise CommandFailedError(
            f"{login} is no login; use 2 to 40 of a-z, 0-9, dot, dash and underscore."
        )
    try:
        Region(region)
    except ValueError as error:
        raise CommandFailedError(
            f"--region {region} is no region code; give its 12 digits."
        ) from error


def _plain(account: Account) -> dict[str, object]:
    shown = ("login", "name", "role", "region", "languages", "skills", "active", "fresh")
    return {name: getattr(account, name) for name in shown}


def _tell(login: str, password: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"login": login, "password": password}))
        return
    typer.echo(f"{login} 的初始密码：{password}")
    typer.echo("只显示这一次；第一次登录时要换掉，并装好验证器。")
