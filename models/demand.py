"""What a campaign is held to: the rate of people met at home, and stages with their last days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

#: What a stage is about: everybody reached, or everything verified.
REACHED: Final = "reached"
VERIFIED: Final = "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage (采集, 审核 …): what has to be done until the end of which day."""

    name: str
    until: date
    about: str = REACHED

    def days_left(self, today: date) -> int:
        """Return how many days are left; 0 on the last day, negative when it is over."""
        return (self.until - today).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """The demanded rate of people met at home in percent, and the stages in order.

    ``met_counts`` says that who was met elsewhere face to face counts too, as some counties
    have it. A call, a chat or a visit to the window never counts (L79).
    """

    home_rate: int | None = None
    met_counts: bool = False
    stages: Sequence[Stage] = ()

    def __post_init__(self) -> None:
        if self.home_rate is not None and not 0 <= self.home_rate <= 100:
            raise ValueError("a rate is from 0 to 100 percent")

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        stages = [
            {"name": one.name, "until": one.until.isoformat(), "about": one.about}
            for one in self.stages
        ]
        return {"home_rate": self.home_rate, "met_counts": self.met_counts, "stages": stages}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Demands":
        """Return what was kept; what is missing is not demanded."""
        stages = tuple(
            Stage(name=one["name"], until=date.fromisoformat(one["until"]), about=one["about"])
            for one in plain.get("stages", ())
        )
        return cls(
            home_rate=plain.get("home_rate"),
            met_counts=bool(plain.get("met_counts", False)),
            stages=stages,
        )


NOTHING_DEMANDED: Final = Demands()
