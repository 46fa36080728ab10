"""When somebody may be called next, and why: computed from all that is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from models.call_hours import band_of
from models.disposition import Disposition, disposition_of, read_dispositions
from models.opt_out import has_opted_out
from models.tables import (
    AssignmentRow,
    AttemptRow,
    CallingRow,
    FollowUpRow,
    OptOutRow,
    PersonRow,
)
from models.tables.calling import BANDS, CALL_REASONS
from models.tries import CALLS, USUAL, TryLimits, is_try, next_try, tries_of, try_limits
from survey_engine.channel import Channel

_DAY = timedelta(days=1)
#: A try that nobody ended is forgotten after this.
_LOST = timedelta(hours=2)
_URGENCY = dict(zip(CALL_REASONS, (0, 0, 1, 2, 3), strict=True))


@dataclass(frozen=True, slots=True)
class Try:
    """One telephone attempt; ``by_machine`` if the machine led it, to its end at least.

    Who called us, or whom a caller took over from the machine, is not ``placed`` a call by that,
    so that no other one is the sooner or later for it; but what came of it holds.
    """

    started_at: datetime
    ended_at: datetime | None = None
    code: str | None = None
    aapor: str | None = None
    by_machine: bool = False
    disposition: str | None = None
    placed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that decides when somebody may be called.

    ``tries`` are the telephone attempts of the assignment, ``called`` when the person was called
    for any; both oldest first. ``limits`` are how often they may be.
    """

    region: str
    status: str
    since: datetime
    tries: Sequence[Try] = ()
    called: Sequence[datetime] = ()
    limits: TryLimits = USUAL
    asked_again: datetime | None = None
    opted_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """When somebody may be called next (None for not at all), why, and how often they were."""

    due_at: datetime | None
    reason: str
    counts: Mapping[str, int]

    @property
    def urgency(self) -> int:
        """How much it presses, 0 first."""
        return _URGENCY[self.reason]


def standing(known: Known, dispositions: Mapping[str, Disposition]) -> Standing:
    """Return how the calling of somebody stands.

    Never again: who opted out, whose interview is over and of whom nothing is to be asked again,
    and whose last result is final or has come up often enough. Otherwise not before the pause
    after the last result, nor more often in a day and in seven days than :mod:`models.tries` has
    it; but at once if they asked the machine for a person.
    """
    counts = dict.fromkeys(BANDS, 0)
    for one in _placed(known):
        counts[band_of(known.region, one.started_at)] += 1
    reason = _reason(known)
    return Standing(due_at=_due(known, dispositions, reason), reason=reason, counts=counts)


def _reason(known: Known) -> str:
    if known.asked_again is not None:
        return "call_back"
    if known.status == "waiting":
        return "retry" if known.tries else "new"
    return "with_person" if known.status == "with_person" else "resume"


def _due(known: Known, dispositions: Mapping[str, Disposition], reason: str) -> datetime | None:
    over = known.status in ("completed", "ended") and reason != "call_back"
    if known.opted_out or over:
        return None
    if reason == "with_person" and known.tries and known.tries[-1].by_machine:
        return known.tries[-1].ended_at or known.since
    pause = _after_last(known, dispositions, reason)
    limit = next_try(known.region, known.called, known.limits) or known.since
    return None if pause is None else max(pause, limit, known.since)


def _placed(known: Known) -> Sequence[Try]:
    return [one for one in known.tries if one.placed]


def _after_last(
    known: Known, dispositions: Mapping[str, Disposition], reason: str
) -> datetime | None:
    asked = known.asked_again or known.since
    if not known.tries:
        return asked
    last = known.tries[-1]
    if last.ended_at is None:
        return last.started_at + _LOST
    if reason == "call_back" and asked >= last.ended_at:
        return asked
    found = disposition_of(dispositions, last.code, last.aapor, last.disposition)
    if found is None:
        return last.ended_at + _DAY
    if _is_enough(known, found) and reason != "call_back":
        return None
    return last.ended_at + found.pause


def _is_enough(known: Known, found: Disposition) -> bool:
    same = sum(one.code == found.code for one in _placed(known))
    return found.final or bool(found.most and same >= found.most)


def refresh_calling(connection: Connection, assignment_id: str) -> bool:
    """Compute the row of an assignment anew within the caller's transaction.

    Whoever adds or ends an attempt, changes a follow-up, or stops an interview calls this, so
    that the queue says what the records say. Returns whether the row said something else.
    """
    known = read_known(connection, assignment_id)
    if known is None:
        return False
    now = standing(known, read_dispositions(connection))
    values: dict[str, object] = {
        "due_at": now.due_at,
        "urgency": now.urgency,
        "reason": now.reason,
        **now.counts,
    }
    if known.opted_out:
        values |= {"appointment_at": None, "appointment_for": "", "remind_at": None}
    mine = CallingRow.assignment_id == assignment_id
    kept = select(*(getattr(CallingRow, name) for name in values)).where(mine)
    found = connection.execute(kept).mappings().one_or_none()
    if found is None or dict(found) == values:
        return False
    connection.execute(update(CallingRow).where(mine).values(**values))
    return True


def refresh_callings(connection: Connection, assignment_id: str) -> int:
    """Compute the rows of all assignments of the same person anew, who is tried as one.

    Returns how many said something else.
    """
    person = select(AssignmentRow.person_id).where(AssignmentRow.id == assignment_id)
    wanted = select(AssignmentRow.id).where(AssignmentRow.person_id == person.scalar_subquery())
    return sum(refresh_calling(connection, found) for found in connection.scalars(wanted).all())


def refresh_reached_alike(connection: Connection, assignment_id: str) -> None:
    """Compute the rows of everybody with the same person or number anew, after an opt-out."""
    about = select(OptOutRow.person_id, OptOutRow.telephone_index).where(
        OptOutRow.assignment_id == assignment_id
    )
    said = connection.execute(about).one()
    wanted = (
        select(AssignmentRow.id)
        .join(PersonRow, PersonRow.id == AssignmentRow.person_id)
        .where(
            or_(
                PersonRow.id == said.person_id,
                and_(
                    PersonRow.telephone_index.is_not(None),
                    PersonRow.telephone_index == said.telephone_index,
                ),
            )
        )
    )
    for found in connection.scalars(wanted).all():
        refresh_calling(connection, found)


def read_known(connection: Connection, assignment_id: str) -> Known | None:
    """Return all that decides when the person of an assignment may be called, if there is one."""
    columns = (
        AssignmentRow.region, AssignmentRow.status, AssignmentRow.created_at,
        AssignmentRow.person_id,
    )  # fmt: skip
    wanted = select(*columns).where(AssignmentRow.id == assignment_id)
    found = connection.execute(wanted).one_or_none()
    if found is None or found.person_id is None:
        return None
    limits = try_limits(connection)
    return Known(
        region=found.region,
        status=found.status,
        since=found.created_at,
        tries=_tries(connection, assignment_id),
        called=tries_of(connection, assignment_id, limits),
        limits=limits,
        asked_again=_asked_again(connection, assignment_id),
        opted_out=has_opted_out(connection, assignment_id),
    )


def _tries(connection: Connection, assignment_id: str) -> Sequence[Try]:
    wanted = (
        select(
            AttemptRow.started_at,
            AttemptRow.ended_at,
            AttemptRow.outcome,
            AttemptRow.aapor,
            AttemptRow.channel,
            AttemptRow.disposition,
            is_try().label("placed"),
        )
        .where(AttemptRow.assignment_id == assignment_id, AttemptRow.channel.in_(CALLS))
        .order_by(AttemptRow.started_at, AttemptRow.number)
    )
    return [_try(row) for row in connection.execute(wanted)]


def _try(row: Any) -> Try:
    given = row.ended_at is None or row.disposition
    by_machine = row.channel == Channel.VOICE.value or not given
    ended = (row.ended_at, row.outcome, row.aapor)
    return Try(row.started_at, *ended, by_machine, row.disposition, row.placed)


def _asked_again(connection: Connection, assignment_id: str) -> datetime | None:
    wanted = (
        select(FollowUpRow.asked_at)
        .where(
            FollowUpRow.assignment_id == assignment_id,
            FollowUpRow.kind == "call_back",
            FollowUpRow.done_at.is_(None),
        )
        .order_by(FollowUpRow.asked_at.desc())
        .limit(1)
    )
    return connection.scalar(wanted)
