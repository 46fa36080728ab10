"""``tingwen roster``."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from models.campaign import Campaigns
from server.commands.acting import As, records_of
from server.commands.opened import opened_service
from server.desk.permission import Permission
from server.failure import CommandFailedError
from server.roster.campaign_target import CampaignTarget
from server.roster.desk_import import narrower, terms_of
from server.roster.intake import Progress, import_roster
from server.roster.reader import RosterTerms
from server.roster.report import RosterReport
from server.service import Service

app = typer.Typer(no_args_is_help=True, help="Rosters (底册): who is to be interviewed.")


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument()],
    campaign: Annotated[str, typer.Option()],
    login: As = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Read a roster (.xlsx or .csv) into a campaign, whole or not at all.

    With --as, rows and people beyond that account's wall are rejected as at its desk.
    """
    with opened_service() as service, _bar() as bar:
        task = bar.add_task(file.name, total=1.0)

        def tell(progress: Progress) -> None:
            bar.update(task, completed=progress.done / max(progress.total, 1))

        terms, target = _terms(service, campaign, login)
        report = import_roster(file, terms, target, tell)
    _print(report, as_json)


def _bar() -> Bar:
    """Return a bar on stderr, which stays silent where nobody looks at a terminal."""
    console = Console(stderr=True)
    return Bar(console=console, transient=True, disable=not console.is_terminal)


def _terms(service: Service, campaign: str, login: str) -> tuple[RosterTerms, CampaignTarget]:
    """Return what is demanded of the rows and where they go, behind the wall of ``login``."""
    database, at = service.database, datetime.now().astimezone()
    if not login:
        if service.settings.named_commands:
            raise CommandFailedError("Give --as LOGIN: here commands act for a named account.")
        known = Campaigns(database).get(campaign)
        terms = terms_of(service.shelf, known, known.region)
        return terms, CampaignTarget(database, campaign, by="cli", at=at)
    records = records_of(service, login, Permission.ROSTER)
    known, viewer = records.campaign(campaign), records.viewer
    if known.status == "closed" and known.opened_at:
        raise CommandFailedError(f"Campaign {campaign} is closed and takes no roster; open it.")
    terms = terms_of(service.shelf, known, narrower(known.region, viewer.region))
    return terms, CampaignTarget(database, campaign, by=login, at=at, viewer=viewer)


def _print(report: RosterReport, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False))
        return
    typer.echo(
        f"读了 {report.read} 行，收下 {report.accepted} 行（其中 {report.unchanged} 行原来就有），"
        f"退回 {len(report.rejected)} 行。"
    )
    for rejection in report.rejected:
        typer.echo(rejection.message)
    for remark in report.remarks:
        typer.echo(f"请留意：{remark.as_dict()['message']}")
