"""Uncovering names and numbers: one person with a reason, many with a second person's leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.case import Case
from models.database import Database
from models.failure import ApprovalNeededError, NotFoundError, TooManyNamesError
from models.region import within
from models.tables import ApprovalRow, AssignmentRow, UncoveringRow
from models.tables.staff import APPROVAL_KINDS
from models.walled import Walled

#: From this many on, a second person has to agree (GB/T 35273 7.1).
MANY: Final = 100
#: How long people count who were uncovered, and how long leave holds that was given.
DAY: Final = timedelta(hours=24)
#: No list is longer: a larger region is taken part by part.
MOST: Final = 20_000
#: What leave is for: a list of names at a desk, or an export with names of everything.
ROSTER, EXPORT = APPROVAL_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Leave to take the names of a region, asked for and perhaps given.

    ``kind`` is :data:`ROSTER` or :data:`EXPORT`; ``granted`` is None until somebody else has
    decided.
    """

    id: str
    kind: str
    campaign_id: str
    region: str
    rows: int
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    granted: bool | None
    used_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it may be used now: given by somebody else, today, and not used yet."""
        given = self.granted and self.decided_at is not None and self.used_at is None
        return bool(given and self.decided_at and now - self.decided_at < DAY)


_FIELDS = tuple(Approval.__dataclass_fields__)


class Uncovering:
    """Names and numbers as one viewer may see them; every look is in the audit log."""

    def __init__(self, database: Database, records: Walled) -> None:
        self._database = database
        self._records = records
        self._login = records.viewer.login

    def person(self, assignment_id: str, reason: str, *, at: datetime) -> Case:
        """Return one person uncovered.

        Raises :class:`models.failure.NotFoundError` beyond the wall and
        :class:`models.failure.ApprovalNeededError` for more than a hundred people a day.
        """
        case = self._records.case(assignment_id)
        entry = AuditEntry(
            at=at,
            actor=self._login,
            action="person.uncover",
            object=case.assignment_id,
            detail={"reason": reason},
        )
        with self._database.writing() as connection:
            seen, leave = self._seen(connection, at), self._leave(connection, at)
            if case.assignment_id not in seen and len(seen) + 1 >= MANY + leave:
                raise ApprovalNeededError(
                    f"{self._login} has uncovered {len(seen)} people within a day; a second"
                    " person has to agree to more."
                )
            connection.execute(
                insert(UncoveringRow).values(
                    id=self._database.new_id(),
                    login=self._login,
                    assignment_id=case.assignment_id,
                    reason=reason,
                    at=at,
                )
            )
            add_audit(connection, self._database.keys, entry)
        return case

    def ask(
        self, campaign_id: str, region: str, reason: str, *, at: datetime, kind: str = ROSTER
    ) -> Approval:
        """Ask for all names of a region in a campaign; below a hundred nobody has to agree.

        Raises :class:`models.failure.NotFoundError` beyond the wall and
        :class:`models.failure.TooManyNamesError` for a list of more than :data:`MOST`.
        """
        campaign, place = self._records.campaign(campaign_id).id, self._records.region(region).code
        many = self._many(campaign, place)
        if kind == ROSTER and many > MOST:
            raise TooManyNamesError(
                f"{many} people are more than {MOST} at once; ask for smaller regions."
            )
        new_id = self._database.new_id()
        values: dict[str, Any] = {
            "campaign_id": campaign, "region": place, "rows": many, "reason": reason,
            "asked_by": self._login, "asked_at": at,
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(insert(ApprovalRow).values(id=new_id, kind=kind, **values))
            self._note(connection, "approval.ask", new_id, at, rows=many, reason=reason)
        return self.approval(new_id)

    def approvals(self) -> tuple[Approval, ...]:
        """Return what was asked for within the wall, newest first."""
        return self._find()

    def approval(self, approval_id: str) -> Approval:
        """Return one. Raises :class:`models.failure.NotFoundError`."""
        found = self._find(ApprovalRow.id == approval_id)
        if not found:
            raise NotFoundError("There is no such approval; look at the list again.")
        return found[0]

    def decide(self, approval_id: str, *, granted: bool, at: datetime) -> None:
        """Agree or refuse, as somebody else than who asked.

        Raises :class:`models.failure.ApprovalNeededError` for one's own, and
        :class:`models.failure.NotFoundError` beyond the wall or once it is decided.
        """
        asked = self.approval(approval_id)
        if asked.asked_by == self._login:
            raise ApprovalNeededError("Nobody agrees to what they asked for; ask a second person.")
        row = ApprovalRow
        mine = update(row).where(row.id == asked.id, row.decided_by.is_(None))
        with self._database.writing() as connection:
            values = {"decided_by": self._login, "decided_at": at, "granted": granted}
            if not connection.execute(mine.values(**values)).rowcount:
                raise NotFoundError("This was decided already; look at the list again.")
            action = "approval.grant" if granted else "approval.refuse"
            self._note(connection, action, asked.id, at)

    def take(self, approval_id: str, *, at: datetime) -> tuple[Case, ...]:
        """Return the people of a list that was asked for, once, with their names and numbers.

        Raises what :meth:`use` raises.
        """
        asked = self.use(approval_id, ROSTER, at=at)
        mine = AssignmentRow.campaign_id == asked.campaign_id
        return self._records.cases(mine, within(AssignmentRow.region, asked.region))

    def use(self, approval_id: str, kind: str, *, at: datetime) -> Approval:
        """Use leave for one taking of names, and return it.

        Raises :class:`models.failure.ApprovalNeededError` without leave, for another's or of
        another kind, and where more people are there now than leave was given for.
        """
        asked = self.approval(approval_id)
        many = self._many(asked.campaign_id, asked.region)
        small = many < MANY and asked.used_at is None and asked.granted is not False
        mine = (asked.asked_by, asked.kind) == (self._login, kind)
        if not mine or not (small or asked.holds(at)):
            raise ApprovalNeededError("A second person has to agree first; ask them.")
        if many >= MANY and many > asked.rows:
            raise ApprovalNeededError("More people are there now than were agreed to; ask again.")
        row = ApprovalRow
        using = update(row).where(row.id == asked.id, row.used_at.is_(None)).values(used_at=at)
        with self._database.writing() as connection:
            if not connection.execute(using).rowcount:
                raise ApprovalNeededError("This leave was used already; ask again.")
            self._note(connection, f"{kind}.take", asked.id, at, rows=many, reason=asked.reason)
        return asked

    def use_or_ask(
        self, campaign_id: str, region: str, reason: str, kind: str, *, at: datetime
    ) -> Approval:
        """Use the leave that there is for this, else ask for it.

        Raises :class:`models.failure.ApprovalNeededError` where a second person has to agree
        first, and what :meth:`ask` raises.
        """
        wanted, many = (kind, campaign_id, region, self._login), self._many(campaign_id, region)
        known = [
            one
            for one in self.approvals()
            if (one.kind, one.campaign_id, one.region, one.asked_by) == wanted
            and one.used_at is None
            and one.rows >= many
            and (one.holds(at) or one.granted is None)
        ]
        held = [one for one in known if one.holds(at)]
        asked = (*held, *known, None)[0] or self.ask(campaign_id, region, reason, at=at, kind=kind)
        return self.use(asked.id, kind, at=at)

    def _many(self, campaign_id: str, region: str) -> int:
        wanted = select(func.count()).where(
            AssignmentRow.campaign_id == campaign_id,
            AssignmentRow.person_id.is_not(None),
            self._records.viewer.wall(AssignmentRow.region),
            within(AssignmentRow.region, region),
        )
        with self._records.reading() as connection:
            return connection.scalar(wanted) or 0

    def _find(self, *conditions: Any) -> tuple[Approval, ...]:
        columns = [getattr(ApprovalRow, name) for name in _FIELDS]
        wanted = (
            select(*columns)
            .where(self._records.viewer.wall(ApprovalRow.region), *conditions)
            .order_by(ApprovalRow.asked_at.desc())
            .limit(200)
        )
        with self._records.reading() as connection:
            return tuple(Approval(**row) for row in connection.execute(wanted).mappings())

    def _seen(self, connection: Connection, now: datetime) -> set[str]:
        row = UncoveringRow
        wanted = select(row.assignment_id).where(row.login == self._login, row.at > now - DAY)
        return set(connection.scalars(wanted))

    def _leave(self, connection: Connection, now: datetime) -> int:
        row = ApprovalRow
        wanted = select(func.sum(row.rows)).where(
            row.asked_by == self._login, row.granted.is_(True), row.decided_at > now - DAY
        )
        return connection.scalar(wanted) or 0

    def _note(
        self, connection: Connection, action: str, about: str, at: datetime, **detail: object
    ) -> None:
        told = {name: str(value) for name, value in detail.items()}
        entry = AuditEntry(at=at, actor=self._login, action=action, object=about, detail=told)
        add_audit(connection, self._database.keys, entry)
