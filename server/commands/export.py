"""``tingwen export``."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.campaign import Campaigns
from models.failure import ApprovalNeededError
from models.uncovering import EXPORT, MANY, Uncovering
from models.walled import Walled
from server.commands.acting import As, records_of
from server.commands.opened import opened_service
from server.desk.permission import Permission
from server.export.campaign_export import export_campaign
from server.export.format import Format
from server.export.order import Order
from server.failure import CommandFailedError
from server.service import Service

REGION = re.compile(r"[0-9]{12}")


def export(
    campaign: Annotated[str, typer.Option()],
    form: Annotated[Format, typer.Option("--format")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    identified: Annotated[
        bool,
        typer.Option(
            "--identified",
            help="With names and numbers, for --as with a --reason; a hundred people and more need"
            " a second person.",
        ),
    ] = False,
    login: As = "",
    reason: Annotated[str, typer.Option(help="What the names are needed for.")] = "",
    region: Annotated[str, typer.Option(help="Only this place and below; 12 digits.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Write a campaign's answers, revisions, outcomes, review log, dictionary and 底册."""
    now = datetime.now(UTC).astimezone()
    _check(identified, login, reason, region)
    with opened_service() as service:
        known, place, leave = Campaigns(service.database).get(campaign), region, None
        if login:
            records = records_of(service, login, Permission.EXPORT)
            known = records.campaign(campaign)
            place = records.region(region or records.viewer.region).code
            if identified:
                leave = _leave(service, records, known.id, place, reason, now)
        order = Order(known, service.shelf.find(known.form, known.version), identified, place)
        manifest = export_campaign(
            service, order, form, out, by=login or "cli", at=now, leave=leave
        )
    if as_json:
        typer.echo(json.dumps(manifest.as_dict(), ensure_ascii=False))
        return
    named = "含姓名和号码" if identified else "不含姓名和号码"
    typer.echo(f"{known.id} 已导出到 {out}（{named}）：")
    for name, file in manifest.files.items():
        typer.echo(f"  {name}：{file.rows} 行")


def _check(identified: bool, login: str, reason: str, region: str) -> None:
    if identified and not (login and len(reason.strip()) > 1):
        raise CommandFailedError(
            "Names leave the records only for a named person: give --as LOGIN and --reason TEXT."
        )
    if region and not REGION.fullmatch(region):
        raise CommandFailedError(f"--region {region} is no region code; give its 12 digits.")


def _leave(
    service: Service, records: Walled, campaign: str, region: str, reason: str, now: datetime
) -> Callable[[], None]:
    """Return what uses the leave of a second person, or asks for it and refuses until then."""

    def use() -> None:
        try:
            Uncovering(service.database, records).use_or_ask(
                campaign, region, reason.strip()[:200], EXPORT, at=now
            )
        except ApprovalNeededError as error:
            raise CommandFailedError(
                f"These are {MANY} people or more, so a second person has to agree first: ask one"
                " to do so at /desk/roster/names, then run this again within a day."
            ) from error

    return use
