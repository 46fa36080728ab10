"""``tingwen campaign``."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.campaign import Campaign, Campaigns
from server.commands.opened import opened_service
from server.failure import CommandFailedError
from server.forms.library import find_form, load_form
from server.service import Service
from survey_engine.questionnaire import Questionnaire

app = typer.Typer(no_args_is_help=True, help="Campaigns: one year's survey in one region.")
_HOURS = re.compile(r"(\d\d:\d\d-\d\d:\d\d)(,\d\d:\d\d-\d\d:\d\d)*")
_CODE = re.compile(r"\d{12}")


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="ID")],
    reference_day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])],
    form: Annotated[str, typer.Option(help="A file, or person or community.")] = "person",
    call_hours: Annotated[str, typer.Option()] = "09:00-12:00,14:00-20:00",
    region: Annotated[str, typer.Option()] = "000000000000",
) -> None:
    """Open a campaign."""
    if not _HOURS.fullmatch(call_hours):
        raise CommandFailedError(
            f"--call-hours {call_hours} cannot be read; write 09:00-12:00,14:00-20:00."
        )
    if not _CODE.fullmatch(region):
        raise CommandFailedError(f"--region {region} is no region code; give its 12 digits.")
    with opened_service() as service:
        questionnaire = kept_form(service, find_form(form))
        open_campaign(service, name, questionnaire, reference_day.date(), call_hours, region)
    trial = "" if questionnaire.official.may_be_fielded(date.today()) else "（试用）"  # noqa: DTZ011
    about = f"{questionnaire.title} {questionnaire.version}{trial}"
    typer.echo(f"{name}：{about}，时点 {reference_day:%Y-%m-%d}")


def kept_form(service: Service, file: Path) -> Questionnaire:
    """Return the form of ``file``, a copy of which stays with the service's data."""
    form = load_form(file)
    folder = service.settings.data_dir / "forms"
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"{form.form}-{form.version}{file.suffix}"
    if not copy.exists():
        copy.write_bytes(file.read_bytes())
    return load_form(copy)


def open_campaign(
    service: Service,
    name: str,
    form: Questionnaire,
    day: date,
    call_hours: str,
    region: str,
) -> None:
    """Open the campaign ``name`` on ``form`` with this reference day."""
    fielded = form.official.may_be_fielded(date.today())  # noqa: DTZ011
    campaign = Campaign(
        id=name,
        form=form.form,
        version=form.version,
        reference_day=day,
        region=region,
        call_hours=call_hours,
        legal_basis="consent" if fielded else "trial",
    )
    Campaigns(service.database).create(campaign, by="cli", at=datetime.now().astimezone())
