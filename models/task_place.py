"""Where a new task stands in the queue, and who wrote the answer down."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta, timezone
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, or_, select

from models.interview_store import Held
from models.projection import Request
from models.tables import AttemptRow, CampaignRow
from models.tables.review import NO_DAY

_TABLE = Path(__file__).with_name("urgency.tsv")
_CHINA = timezone(timedelta(hours=8))
_TODAY = ("outcome:minutes", "outcome:same_day")
_OTHERS = 5


class Places:
    """The places of the tasks that one turn makes.

    The day by which a task is due is today for an outcome that presses (the form says which),
    otherwise the last day of the campaign. ``urgency.tsv`` orders what is due on the same day.
    """

    def __init__(self, connection: Connection, held: Held) -> None:
        self._connection = connection
        self._held = held
        closes = select(CampaignRow.closes_on).where(CampaignRow.id == held.campaign_id)
        self._last_day = connection.scalar(closes) or NO_DAY

    def of(self, request: Request) -> Mapping[str, object]:
        """Return the columns that place ``request``."""
        pressing = self._pressing(request.reason)
        return {
            "channel": self._held.interview.channel.value,
            "due_on": self._today(request) if pressing in _TODAY else self._last_day,
            "urgency": urgencies().get(pressing, _OTHERS),
            "entered_by": self._entered_by(request),
        }

    def _pressing(self, reason: str) -> str:
        kind, _, about = reason.partition(":")
        if kind != "outcome":
            return kind
        outcome = self._held.interview.questionnaire.outcome(about)
        return f"outcome:{outcome.urgency if outcome else 'normal'}"

    @staticmethod
    def _today(request: Request) -> date:
        return request.at.astimezone(_CHINA).date()

    def _entered_by(self, request: Request) -> str:
        """Return who of the staff led the attempt during which this came up, or nobody."""
        led = (
            select(AttemptRow.staff)
            .where(
                AttemptRow.assignment_id == self._held.assignment_id,
                AttemptRow.staff != "",
                AttemptRow.started_at <= request.at,
                or_(AttemptRow.ended_at.is_(None), AttemptRow.ended_at >= request.at),
            )
            .order_by(AttemptRow.number.desc())
            .limit(1)
        )
        return self._connection.scalar(led) or ""


@cache
def urgencies() -> Mapping[str, int]:
    """Return the urgency of each kind of reason."""
    return dict(_rows())


def _rows() -> Iterator[tuple[str, int]]:
    _head, *lines = _TABLE.read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            reason, urgency = line.split("\t")
            yield reason, int(urgency)
