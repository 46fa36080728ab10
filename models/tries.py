"""How often one person is called: the one rule, for the machine and for callers alike.

A try is a call that we placed, by the machine or by a caller, answered or not, for whatever
campaign. Whoever calls us is not tried by that, a caller who takes a call of the machine over tries
nobody again, and writing counts for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, exists, select

from models.call_hours import begin_of_day
from models.tables import AssignmentRow, AttemptRow, BridgeRow
from survey_engine.channel import Channel

#: The channels on which somebody is called.
CALLS = (Channel.VOICE.value, Channel.DESK.value)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_OPTION = "tingwen_tries"


@dataclass(frozen=True, slots=True)
class TryLimits:
    """How often one person is tried: on a day of the place where they live, in seven days.

    The numbers are promise P49's; an appointment may be kept besides.
    """

    a_day: int = 1
    a_week: int = 3


USUAL = TryLimits()


def next_try(region: str, tries: Sequence[datetime], limits: TryLimits) -> datetime | None:
    """Return before when another try would exceed the limits, None if it may be at any time.

    ``tries`` are when the person was called, oldest first; of long ago they may be left out.
    """
    found = []
    if len(tries) >= limits.a_day:
        found.append(begin_of_day(region, tries[-limits.a_day]) + _DAY)
    if len(tries) >= limits.a_week:
        found.append(tries[-limits.a_week] + _WEEK)
    return max(found, default=None)


def is_try() -> ColumnElement[bool]:
    """Return the condition that an attempt is a try.

    The attempt of a caller who took a call of the machine over has the name of their bridged call
    (:meth:`server.telephone.moving.Moving.take`).
    """
    name = BridgeRow.assignment_id + ":" + BridgeRow.id
    mine = (BridgeRow.assignment_id == AttemptRow.assignment_id, AttemptRow.external_id == name)
    placed = and_(AttemptRow.channel.in_(CALLS), AttemptRow.incoming.is_(False))
    return placed & ~exists().where(*mine)


def tries_of(connection: Connection, assignment_id: str, limits: TryLimits) -> Sequence[datetime]:
    """Return when the person of an assignment was called, as far back as the limits look."""
    person = select(AssignmentRow.person_id).where(AssignmentRow.id == assignment_id)
    wanted = (
        select(AttemptRow.started_at)
        .join(AssignmentRow, AssignmentRow.id == AttemptRow.assignment_id)
        .where(
            AssignmentRow.person_id == person.scalar_subquery(),
            is_try(),
        )
        .order_by(AttemptRow.started_at.desc())
        .limit(max(limits.a_day, limits.a_week))
    )
    return tuple(reversed(connection.scalars(wanted).all()))


def bind_tries(engine: Engine, limits: TryLimits) -> None:
    """Let everything that is decided on connections of ``engine`` keep to ``limits``."""
    engine.update_execution_options(**{_OPTION: limits})


def try_limits(connection: Connection) -> TryLimits:
    """Return the limits that hold on a connection."""
    limits: TryLimits = connection.get_execution_options().get(_OPTION, USUAL)
    return limits
