"""What the progress page shows of one region: sums, parts, stages and charts, ready to read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from models.campaign import Campaign
from models.demand import REACHED, Demands, Stage
from models.progress import Area, Counts, Progress, total
from models.region import Region
from models.walled import Walled
from server.desk.page import place_words
from survey_engine.questionnaire import Questionnaire

CHANNELS: Final = (
    ("入户", "home"), ("见面", "met"), ("电话", "phone"), ("微信和网页", "chat"),
    ("窗口", "window"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of people met at home, beside the share that is demanded."""

    share: float | None
    demanded: int | None

    @property
    def words(self) -> str:
        """The share in words, cut off, so that it never looks reached before it is."""
        return "—" if self.share is None else f"{int(self.share * 1000) / 10:.1f}%"

    @property
    def width(self) -> float:
        """How long its bar is, of 100."""
        return min(100.0, 100 * (self.share or 0))

    @property
    def reached(self) -> bool | None:
        """Whether the demand is met; None where there is none, or nobody is due."""
        if self.share is None or self.demanded is None:
            return None
        return self.share * 100 >= self.demanded


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table of regions."""

    region: Region
    name: str
    counts: Counts
    rate: Rate
    overdue: int
    opens: bool


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage: its last day, how many days are left, and how much there is to do."""

    stage: Stage
    days_left: int
    left: int

    @property
    def words(self) -> str:
        """How much time there is, in words."""
        if self.days_left < 0:
            return f"已过 {-self.days_left} 天"
        return "今天截止" if self.days_left == 0 else f"还有 {self.days_left} 天"

    @property
    def overdue(self) -> bool:
        """Whether the day is over and something is left."""
        return self.days_left < 0 and self.left > 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart, which is a row of its table too."""

    label: str
    many: int
    share: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Everything on the page."""

    lines: tuple[Line, ...]
    whole: Line
    stages: tuple[StageLine, ...]
    channels: tuple[Bar, ...]
    outcomes: tuple[Bar, ...]


_SORTS: Mapping[str, Callable[[Line], tuple[float, ...]]] = {
    "rate": lambda line: (line.rate.share if line.rate.share is not None else 2.0,),
    "remaining": lambda line: (-line.counts.remaining,),
    "to_verify": lambda line: (-line.counts.to_verify,),
    "overdue": lambda line: (-line.overdue,),
    "due": lambda line: (-line.counts.due,),
}


def progress_view(
    records: Walled,
    campaign: Campaign,
    form: Questionnaire,
    region: str,
    *,
    today: date,
    sort: str = "",
    words: str = "",
) -> ProgressView:
    """Return the page of ``region``; its lines sorted by ``sort`` and narrowed by ``words``.

    Raises :class:`models.failure.NotFoundError` for a region beyond the wall.
    """
    void = [one.code for one in form.outcomes if one.voids]
    parts = Progress(records).parts(campaign.id, region, void)
    whole = _line(Area(records.region(region), total(parts)), campaign.demands, today)
    lines = [_line(area, campaign.demands, today) for area in parts]
    if words:
        lines = [line for line in lines if words in line.name or words in line.region.code]
    if sort in _SORTS:
        lines.sort(key=_SORTS[sort])
    return ProgressView(
        lines=tuple(lines),
        whole=whole,
        stages=tuple(_stages(campaign.demands, whole.counts, today)),
        channels=_channels(whole.counts),
        outcomes=_outcomes(whole.counts, form),
    )


def _line(area: Area, demands: Demands, today: date) -> Line:
    share = area.counts.home_rate(met_counts=demands.met_counts)
    stages = _stages(demands, area.counts, today)
    return Line(
        region=area.region,
        name=_name(area),
        counts=area.counts,
        rate=Rate(share, demands.home_rate),
        overdue=sum(one.left for one in stages if one.overdue),
        opens=not area.is_whole,
    )


def _name(area: Area) -> str:
    """A region that is listed within itself stands for what belongs to none of its parts."""
    direct = area.is_whole and area.region.level < 6
    return place_words(area.region) + ("（直属）" if direct else "")


def _stages(demands: Demands, counts: Counts, today: date) -> Sequence[StageLine]:
    return [
        StageLine(
            one,
            one.days_left(today),
            counts.remaining if one.about == REACHED else counts.to_verify,
        )
        for one in demands.stages
    ]


def _channels(counts: Counts) -> tuple[Bar, ...]:
    found = [(label, int(getattr(counts, name))) for label, name in CHANNELS]
    most = max((many for _, many in found), default=0)
    return tuple(Bar(label, many, many / most if most else 0) for label, many in found)


def _outcomes(counts: Counts, form: Questionnaire) -> tuple[Bar, ...]:
    suspected, decided = counts.with_prefix("outcome:"), counts.with_prefix("decided:")
    both = {code: suspected.get(code, 0) + decided.get(code, 0) for code in {*suspected, *decided}}
    most = max(both.values(), default=0)
    bars = []
    for code, many in sorted(both.items(), key=lambda pair: (-pair[1], pair[0])):
        known = form.outcome(code)
        label = f"{code} {known.label}" if known else code
        note = f"待核定 {suspected.get(code, 0)}，已核定 {decided.get(code, 0)}"
        bars.append(Bar(label, many, many / most, note))
    return tuple(bars)
