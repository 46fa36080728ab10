"""Campaigns: one year's survey in one region."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.chain import begin_chain, campaign_chain
from models.database import Database
from models.demand import NOTHING_DEMANDED, Demands
from models.failure import DuplicateError, NotFoundError, TakenNameError
from models.region import COUNTRY, ensure_regions
from models.tables import CampaignRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One year's survey: form and version, region, reference day (调查时点) and window.

    ``call_hours`` like ``09:00-12:00,14:00-20:00``; ``legal_basis`` is what the survey rests on
    (``consent`` or ``duty``), which decides whether consent has to be asked for. A campaign that is
    ``closed`` and has no ``opened_at`` is still being prepared.
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
    demands: Demands = NOTHING_DEMANDED
    opened_at: datetime | None = None


class Campaigns:
    """All campaigns of this database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, campaign: Campaign, *, by: str, at: datetime) -> None:
        """Keep a new campaign, open unless its status says otherwise.

        Raises :class:`models.failure.TakenNameError` if its id is used.
        """
        if campaign.status == "open" and campaign.opened_at is None:
            campaign = replace(campaign, opened_at=at)
        try:
            with self._database.writing() as connection:
                ensure_regions(connection, (campaign.region,))
                connection.execute(insert(CampaignRow).values(created_at=at, **_values(campaign)))
                begin_chain(connection, campaign_chain(campaign.id))
                entry = AuditEntry(at=at, actor=by, action="campaign.create", object=campaign.id)
                add_audit(connection, self._database.keys, entry)
        except DuplicateError as error:
            raise TakenNameError(
                f"Campaign {campaign.id} exists already; choose another id."
            ) from error

    def open(self, campaign_id: str, *, by: str, at: datetime) -> None:
        """Open a campaign that is being prepared, or was closed too early."""
        opening = update(CampaignRow).where(CampaignRow.id == campaign_id)
        with self._database.writing() as connection:
            if not connection.execute(opening.values(status="open", opened_at=at)).rowcount:
                raise _missing(campaign_id)
            entry = AuditEntry(at=at, actor=by, action="campaign.open", object=campaign_id)
            add_audit(connection, self._database.keys, entry)

    def demand(self, campaign_id: str, demands: Demands, *, by: str, at: datetime) -> None:
        """Keep what a campaign is held to from now on."""
        mine = update(CampaignRow).where(CampaignRow.id == campaign_id)
        with self._database.writing() as connection:
            if not connection.execute(mine.values(demands=demands.plain())).rowcount:
                raise _missing(campaign_id)
            entry = AuditEntry(
                at=at,
                actor=by,
                action="campaign.demand",
                object=campaign_id,
                detail={"demands": json.dumps(demands.plain(), ensure_ascii=False)},
            )
            add_audit(connection, self._database.keys, entry)

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
        with self._database.reading() as connection:
            return read_campaigns(connection)


_FIELDS = tuple(Campaign.__dataclass_fields__)
_ALL = select(*(getattr(CampaignRow, name) for name in _FIELDS)).order_by(
    CampaignRow.created_at, CampaignRow.id
)


def read_campaigns(connection: Connection) -> tuple[Campaign, ...]:
    """Return every campaign, oldest first."""
    return tuple(_campaign(row) for row in connection.execute(_ALL).mappings())


def _values(campaign: Campaign) -> dict[str, Any]:
    plain = {name: getattr(campaign, name) for name in _FIELDS}
    return {**plain, "demands": campaign.demands.plain()}


def _campaign(row: Any) -> Campaign:
    return Campaign(**{**row, "demands": Demands.read(row["demands"])})


def _missing(campaign_id: str) -> NotFoundError:
    return NotFoundError(f"There is no campaign {campaign_id}; create it or give another id.")
