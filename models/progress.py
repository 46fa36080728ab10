"""How far a campaign is, by region: sums over counts that the database keeps by village."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import String, func, literal, select

from models.region import Region, within
from models.tables import ProgressRow
from models.walled import Walled

_WIDTHS = (2, 4, 6, 9, 12)
_PHONE, _CHAT, _WINDOW = ("voice", "desk"), ("chat", "wechat"), ("window",)


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one region. ``out_of_scope`` are the outcomes that void a record (L09)."""

    measures: Mapping[str, int] = field(default_factory=dict)
    out_of_scope: frozenset[str] = frozenset()

    def of(self, *measures: str) -> int:
        """Return the sum of these measures."""
        return sum(self.measures.get(one, 0) for one in measures)

    def with_prefix(self, prefix: str) -> Mapping[str, int]:
        """Return the measures of one kind by what follows the colon, without those that are 0."""
        found = {
            name.removeprefix(prefix): many
            for name, many in sorted(self.measures.items())
            if name.startswith(prefix) and many
        }
        return MappingProxyType(found)

    @property
    def people(self) -> int:
        """Everybody on the roster."""
        return sum(self.with_prefix("status:").values())

    @property
    def void(self) -> int:
        """Who was found not to belong to the survey, decided by a person."""
        decided = self.with_prefix("decided:")
        return sum(many for code, many in decided.items() if code in self.out_of_scope)

    @property
    def due(self) -> int:
        """Who has to be surveyed (应调查)."""
        return self.people - self.void

    @property
    def home(self) -> int:
        """Who was met at home (入户)."""
        return self.of("visit:home")

    @property
    def met(self) -> int:
        """Who was met face to face, but elsewhere (见面)."""
        return self.of("visit:met")

    @property
    def phone(self) -> int:
        """Whose interview was completed by telephone."""
        return self.of(*(f"done:{one}" for one in _PHONE))

    @property
    def chat(self) -> int:
        """Whose interview was completed in a chat."""
        return self.of(*(f"done:{one}" for one in _CHAT))

    @property
    def window(self) -> int:
        """Whose interview was completed at the window."""
        return self.of(*(f"done:{one}" for one in _WINDOW))

    @property
    def completed(self) -> int:
        """Whose interview is complete, on whatever channel."""
        return self.of("status:completed")

    @property
    def settled(self) -> int:
        """Whose outcome (refused, in prison …) was decided though they belong to the survey."""
        return sum(self.with_prefix("decided:").values()) - self.void

    @property
    def suspected(self) -> int:
        """Whose outcome waits for a decision."""
        return sum(self.with_prefix("outcome:").values())

    @property
    def remaining(self) -> int:
        """Who was neither visited nor interviewed, and whose outcome is not decided."""
        return max(0, self.due - self.of("reached") - self.settled)

    @property
    def to_verify(self) -> int:
        """How many answers and outcomes wait for a caseworker."""
        return self.of("to_verify")

    def home_rate(self, *, met_counts: bool) -> float | None:
        """Return the share of people met at home (入户率), or None where nobody is due."""
        met = self.met if met_counts else 0
        return (self.home + met) / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class Area:
    """A region with its counts; ``is_whole`` if it is the asked one itself, not a part of it."""

    region: Region
    counts: Counts
    is_whole: bool = False


class Progress:
    """The progress that one viewer may see."""

    def __init__(self, records: Walled) -> None:
        self._records = records

    def parts(
        self, campaign_id: str, code: str, out_of_scope: Iterable[str] = ()
    ) -> tuple[Area, ...]:
        """Return the regions directly below ``code`` with their counts, by code.

        Where a region has no level in between (a city without counties), the next one is taken.
        Raises :class:`models.failure.NotFoundError` for a region beyond the wall.
        """
        here, void = self._records.region(code), frozenset(out_of_scope)
        found: dict[str, dict[str, int]] = {}
        for width in [one for one in _WIDTHS if one > len(here.prefix)] or [12]:
            found = self._sums(campaign_id, code, width)
            if set(found) - {code}:
                break
        names = self._records.names(found)
        return tuple(
            Area(Region(one, names.get(one, "")), Counts(sums, void), one == code)
            for one, sums in sorted(found.items())
        )

    def _sums(self, campaign_id: str, code: str, width: int) -> dict[str, dict[str, int]]:
        row = ProgressRow
        area = func.substr(row.region, 1, width) + literal("0" * (12 - width), String)
        wanted = (
            select(area.label("area"), row.measure, func.sum(row.many).label("sum"))
            .where(
                row.campaign_id == campaign_id,
                self._records.viewer.wall(row.region),
                within(row.region, code),
            )
            .group_by("area", row.measure)
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        with self._records.reading() as connection:
            for one in connection.execute(wanted):
                found[one.area][one.measure] = int(one.sum)
        return found


def total(areas: Iterable[Area]) -> Counts:
    """Return the counts of several regions together."""
    sums: dict[str, int] = defaultdict(int)
    void: frozenset[str] = frozenset()
    for area in areas:
        void |= area.counts.out_of_scope
        for name, many in area.counts.measures.items():
            sums[name] += many
    return Counts(sums, void)
