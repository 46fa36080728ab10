"""Appointments: when somebody asked to be called, and who of the callers is to do it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from models.audit_entry import AuditEntry, add_audit
from models.call_hours import begin_of_day, local, may_call
from models.database import Database
from models.failure import AppointmentRefusedError, DuplicateError
from models.tables import CallingRow
from models.walled import Walled

#: Appointments begin at whole quarters of an hour and are made so far ahead at most.
QUARTER = timedelta(minutes=15)
FARTHEST = timedelta(days=60)
REMIND = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One appointment; ``for_login`` is empty where any caller may keep it."""

    assignment_id: str
    at: datetime
    for_login: str = ""
    remind_at: datetime | None = None


class Appointments:
    """The appointments behind one caller's wall."""

    def __init__(self, database: Database, records: Walled) -> None:
        self._database = database
        self._records = records

    def make(self, wanted: Appointment, *, now: datetime) -> None:
        """Keep an appointment; an earlier one of the same person makes place for it.

        Raises :class:`models.failure.AppointmentRefusedError` for a time that has passed, is too
        far ahead, no quarter of an hour, outside the campaign's hours where the person lives, or
        promised by the same caller to somebody else.
        """
        case = self._records.case(wanted.assignment_id)
        hours = self._records.campaign(case.campaign_id).call_hours
        _check(wanted, case.region, hours, now)
        mine = CallingRow.assignment_id == case.assignment_id
        entry = AuditEntry(
            at=now,
            actor=self._records.viewer.login,
            action="appointment.make",
            object=case.assignment_id,
            detail={"at": wanted.at.isoformat(), "for": wanted.for_login},
        )
        values = {
            "appointment_at": wanted.at,
            "appointment_for": wanted.for_login,
            "remind_at": wanted.remind_at,
        }
        try:
            with self._database.writing() as connection:
                connection.execute(update(CallingRow).where(mine).values(**values))
                add_audit(connection, self._database.keys, entry)
        except DuplicateError as error:
            raise _refused("taken", "You have promised this time to somebody else") from error

    def clear(self, assignment_id: str) -> None:
        """The appointment was kept, or is no longer wanted."""
        case = self._records.case(assignment_id)
        mine = update(CallingRow).where(CallingRow.assignment_id == case.assignment_id)
        nothing = {"appointment_at": None, "appointment_for": "", "remind_at": None}
        with self._database.writing() as connection:
            connection.execute(mine.values(**nothing))

    def of_day(self, region: str, day: date, login: str) -> tuple[Appointment, ...]:
        """Return what ``login`` or anybody has to keep on a day of ``region``'s clock."""
        noon = datetime.combine(day, datetime.min.time(), local(region, _EPOCH).tzinfo)
        first = begin_of_day(region, noon + timedelta(hours=12))
        return self.between(first, first + timedelta(days=1), login)

    def between(self, first: datetime, until: datetime, login: str) -> tuple[Appointment, ...]:
        """Return what ``login`` or anybody has to keep from ``first`` on, before ``until``."""
        row = CallingRow
        wanted = (
            select(row.assignment_id, row.appointment_at, row.appointment_for, row.remind_at)
            .where(
                self._records.viewer.wall(row.region),
                row.appointment_at >= first,
                row.appointment_at < until,
                row.appointment_for.in_(("", login)),
            )
            .order_by(row.appointment_at)
            .limit(500)
        )
        with self._records.reading() as connection:
            found = connection.execute(wanted).all()
        return tuple(
            Appointment(assignment_id=one[0], at=one[1], for_login=one[2], remind_at=one[3])
            for one in found
            if one[1] is not None
        )

    def to_remind(self, login: str, now: datetime) -> tuple[Appointment, ...]:
        """Return what ``login`` is to be reminded of at ``now``, the next one first."""
        coming = self.between(now - QUARTER, now + timedelta(days=1), login)
        return tuple(one for one in coming if one.remind_at is not None and one.remind_at <= now)


_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _check(wanted: Appointment, region: str, hours: str, now: datetime) -> None:
    here = local(region, wanted.at)
    if wanted.at < now:
        raise _refused("past", "This time has passed")
    if wanted.at > now + FARTHEST:
        raise _refused("far", "This is too far ahead")
    if (here.minute * 60 + here.second) % QUARTER.seconds or here.microsecond:
        raise _refused("odd", "An appointment begins at a quarter of an hour")
    if not may_call(hours, region, wanted.at):
        raise _refused("hours", f"The campaign calls only at {hours} where the person lives")


def _refused(reason: str, why: str) -> AppointmentRefusedError:
    return AppointmentRefusedError(f"{why}; choose another time.", reason)
