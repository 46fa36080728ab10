"""A service with a campaign of invented people, ready to be called."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from models.campaign import Campaign, Campaigns
from models.case import Case, Cases
from models.roster import Roster, RosterRow
from server.commands.campaign import kept_form
from server.forms.library import SHIPPED
from server.service import Service
from server.settings import Settings
from tests.models.sample import number, row

CAMPAIGN, REGION = "990000-2026", "990000000000"
AT = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
TOKEN, SHARED = "auth-token", "shared-key"


@contextmanager
def county(
    folder: Path,
    people: int = 3,
    public_url: str = "https://survey.example.org",
    hours: str = "00:00-23:59",
    **settings: object,
) -> Iterator[Service]:
    """Open a service whose campaign has ``people`` to be called."""
    given = {
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": TOKEN,
        "twilio_number": "+8610000000",
        "argon2_time": 1,
        "argon2_memory_kib": 8,
        "calls_per_second": 1_000,
        "lines": 1_000,
        "tries_a_day": 1_000,
        "tries_a_week": 1_000,
        **settings,
    }
    made = Settings(data_dir=folder, public_url=public_url, **given)  # type: ignore[arg-type]
    service = Service.open(made)
    try:
        _fill(service, people, hours)
        yield service
    finally:
        service.close()


def _fill(service: Service, people: int, hours: str) -> None:
    form = kept_form(service, SHIPPED / "person.yaml")
    service.shelf.keep(form)
    campaign = Campaign(
        id=CAMPAIGN,
        form=form.form,
        version=form.version,
        reference_day=date(2026, 9, 30),
        region=REGION,
        call_hours=hours,
    )
    Campaigns(service.database).create(campaign, by="test", at=AT)
    rows: list[RosterRow] = [row(index) for index in range(people)]
    Roster(service.database).keep(CAMPAIGN, rows, by="test", at=AT)


def person(service: Service, index: int = 0) -> Case:
    return Cases(service.database).by_certificate(CAMPAIGN, number(index))


def spoken_digits(digits: str) -> str:
    return "".join(
        dict(zip("0123456789X", "零幺二三四五六七八九叉", strict=True))[one] for one in digits
    )
