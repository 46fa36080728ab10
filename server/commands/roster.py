"""``tingwen roster``."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from models.campaign import Campaigns
from models.region import COUNTRY
from server.commands.opened import opened_service
from server.roster.campaign_target import CampaignTarget
from server.roster.intake import Progress, import_roster
from server.roster.reader import RosterTerms
from server.roster.report import RosterReport
from server.service import Service
from survey_engine.region_code import RegionCode

app = typer.Typer(no_args_is_help=True, help="Rosters (底册): who is to be interviewed.")


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument()],
    campaign: Annotated[str, typer.Option()],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Read a roster (.xlsx or .csv) into a campaign, whole or not at all."""
    with opened_service() as service, _bar() as bar:
        task = bar.add_task(file.name, total=1.0)

        def tell(progress: Progress) -> None:
            bar.update(task, completed=progress.done / max(progress.total, 1))

        terms = roster_terms(service, campaign)
        target = CampaignTarget(
            service.database, campaign, by="cli", at=datetime.now().astimezone()
        )
        report = import_roster(file, terms, target, tell)
    _print(report, as_json)


def _bar() -> Bar:
    """Return a bar on stderr, which stays silent where nobody looks at a terminal."""
    console = Console(stderr=True)
    return Bar(console=console, transient=True, disable=not console.is_terminal)


def roster_terms(service: Service, campaign: str) -> RosterTerms:
    """Return what ``campaign`` demands of a roster."""
    known = Campaigns(service.database).get(campaign)
    form = service.shelf.find(known.form, known.version)
    region = None if known.region == COUNTRY else RegionCode.read(known.region)
    return RosterTerms(form, known.reference_day, region)


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
