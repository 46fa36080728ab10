"""``tingwen campaign``."""

import json
import re
from datetime import date, datetime, time
from itertools import pairwise
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
_HOURS = re.compile(r"\d\d:\d\d-\d\d:\d\d(,\d\d:\d\d-\d\d:\d\d)*", re.ASCII)
_CODE = re.compile(r"[0-9]{12}")
_NAME = re.compile(r"\w[\w.-]{0,63}")


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="ID")],
    reference_day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])],
    form: Annotated[str, typer.Option(help="A file, or person or community.")] = "person",
    call_hours: Annotated[str, typer.Option()] = "09:00-12:00,14:00-20:00",
    region: Annotated[str, typer.Option()] = "000000000000",
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
) -> None:
    """Open a campaign."""
    if not _NAME.fullmatch(name):
        raise CommandFailedError(
            f"{name!r} is no campaign id; take up to 64 letters, digits, `.`, `_` and `-`."
        )
    if not _are_hours(call_hours):
        raise CommandFailedError(
            f"--call-hours {call_hours} are no hours in order; write 09:00-12:00,14:00-20:00."
        )
    if not _CODE.fullmatch(region):
        raise CommandFailedError(f"--region {region} is no region code; give its 12 digits.")
    with opened_service() as service:
        questionnaire = kept_form(service, find_form(form))
        open_campaign(service, name, questionnaire, reference_day.date(), call_hours, region)
    fielded = questionnaire.official.may_be_fielded(date.today())  # noqa: DTZ011
    if as_json:
        typer.echo(json.dumps(_opened(name, questionnaire, fielded=fielded), ensure_ascii=False))
        return
    about = f"{questionnaire.title} {questionnaire.version}{'' if fielded else '（试用）'}"
    typer.echo(f"{name}：{about}，时点 {reference_day:%Y-%m-%d}")


def _opened(name: str, form: Questionnaire, *, fielded: bool) -> dict[str, object]:
    return {"campaign": name, "form": form.form, "version": form.version, "trial": not fielded}


def _are_hours(text: str) -> bool:
    """Whether ``text`` is spans of one day, each after the one before."""
    if not _HOURS.fullmatch(text):
        return False
    try:
        spans = [[time.fromisoformat(end) for end in one.split("-")] for one in text.split(",")]
    except ValueError:
        return False
    ends = [end for span in spans for end in span]
    return all(before < after for before, after in pairwise(ends))


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
