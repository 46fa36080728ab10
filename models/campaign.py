"""Campaigns: one year's survey in one region."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.chain import begin_chain, campaign_chain
from models.database import Database
from models.failure import DuplicateError, NotFoundError, TakenNameError
from models.region import COUNTRY, ensure_regions
from models.tables import CampaignRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One year's survey: form and version, region, reference day (调查时点) and window.

    ``call_hours`` like ``09:00-12:00,14:00-20:00``; ``legal_basis`` is what the survey rests on
    (``consent`` or ``duty``), which decides whether consent has to be asked for.
    """

    id: str
    form: str
    version: str
    reference_day: date
    region: str = COUNTRY
    opens_on: date | None = None
    closes_on: date | None = None
    call_hours: str = ""
    legal_basis: str = "consent"
    status: str = "open"


class Campaigns:
    """All campaigns of this database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, campaign: Campaign, *, by: str, at: datetime) -> None:
        """Open a campaign. Raises :class:`models.failure.TakenNameError` if its id is used."""
        try:
            with self._database.writing() as connection:
                ensure_regions(connection, (campaign.region,))
                connection.execute(
                    insert(CampaignRow).values(
                        created_at=at, **{name: getattr(campaign, name) for name in _FIELDS}
                    )
                )
                begin_chain(connection, campaign_chain(campaign.id))
                entry = AuditEntry(at=at, actor=by, action="campaign.create", object=campaign.id)
                add_audit(connection, self._database.keys, entry)
        except DuplicateError as error:
            raise TakenNameError(
                f"Campaign {campaign.id} exists already; choose another id."
            ) from error

    def close(self, campaign_id: str, *, by: str, at: datetime) -> None:
        """Close a campaign; its records stay."""
        closing = update(CampaignRow).where(CampaignRow.id == campaign_id)
        with self._database.writing() as connection:
            if not connection.execute(closing.values(status="closed")).rowcount:
                raise _missing(campaign_id)
            entry = AuditEntry(at=at, actor=by, action="campaign.close", object=campaign_id)
            add_audit(connection, self._database.keys, entry)

    def get(self, campaign_id: str) -> Campaign:
        """Return a campaign. Raises :class:`models.failure.NotFoundError`."""
        found = [one for one in self.all() if one.id == campaign_id]
        if not found:
            raise _missing(campaign_id)
        return found[0]

    def all(self) -> tuple[Campaign, ...]:
        """Return every campaign, oldest first."""
        columns = [getattr(CampaignRow, name) for name in _FIELDS]
        wanted = select(*columns).order_by(CampaignRow.created_at, CampaignRow.id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(Campaign(**row) for row in rows)


_FIELDS = tuple(Campaign.__dataclass_fields__)


def _missing(campaign_id: str) -> NotFoundError:
    return NotFoundError(f"There is no campaign {campaign_id}; create it or give another id.")
