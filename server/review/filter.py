"""Which part of the queue is wanted, as an address says it and as people write it in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from models.review_queue import Share
from models.task import TaskFilter
from server.review.reasons import CHANNELS, REASONS

AGES: Mapping[str, tuple[str, timedelta]] = {
    "1h": ("等了一小时以上", timedelta(hours=1)),
    "1d": ("等了一天以上", timedelta(days=1)),
    "3d": ("等了三天以上", timedelta(days=3)),
    "7d": ("等了七天以上", timedelta(days=7)),
}
_KINDS = {"check": "核对规则", "lead": "可能漏了服务", "outcome": "疑似结果"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A filter of the queue; what is empty does not restrict. Its fields are the address's."""

    item: str = ""
    reason: str = ""
    village: str = ""
    campaign: str = ""
    channel: str = ""
    age: str = ""

    def task_filter(self, now: datetime) -> TaskFilter:
        """Return it as the records take it."""
        waited = AGES.get(self.age)
        return TaskFilter(
            item=self.item,
            reason=self.reason,
            region=self.village,
            campaign=self.campaign,
            channel=self.channel,
            created_before=now - waited[1] if waited else None,
        )

    def query(self, **more: str) -> str:
        """Return it as the query of an address, with its question mark; empty if it is."""
        said = {name: getattr(self, name) for name in _NAMES} | more
        kept = {name: value for name, value in said.items() if value}
        return f"?{urlencode(kept)}" if kept else ""

    def without(self, name: str) -> "Wanted":
        """Return it with one restriction less."""
        return replace(self, **{name: ""})


_NAMES = tuple(one.name for one in fields(Wanted))


@dataclass(frozen=True, slots=True)
class Facet:
    """One restriction that the queue has something for: in words, and how many tasks it keeps."""

    name: str
    value: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Names:
    """How items and villages are called; whatever has no name is called by its code."""

    items: Mapping[str, str]
    villages: Mapping[str, str]
    campaigns: Mapping[str, str]

    def of(self, name: str, value: str) -> str:
        """Return what ``value`` of the restriction ``name`` is called."""
        match name:
            case "item":
                return self.items.get(value, value)
            case "village":
                return self.villages.get(value, value)
            case "campaign":
                return self.campaigns.get(value, value)
            case "reason":
                return _KINDS.get(value.rstrip(":")) or REASONS.get(value, value)
            case "channel":
                return CHANNELS.get(value, value)
        return AGES[value][0] if value in AGES else value


def facets(shares: Sequence[Share], names: Names) -> tuple[Facet, ...]:
    """Return every restriction that leaves something, the largest first within its kind."""
    counts: dict[tuple[str, str], int] = {}
    for share in shares:
        for key in _keys(share):
            counts[key] = counts.get(key, 0) + share.count
    found = [
        Facet(name, value, names.of(name, value), count)
        for (name, value), count in counts.items()
        if value
    ]
    ages = [Facet("age", key, words, 0) for key, (words, _) in AGES.items()]
    return (*sorted(found, key=lambda one: (_NAMES.index(one.name), -one.count, one.words)), *ages)


def nameable(names: Names) -> tuple[Facet, ...]:
    """Return every restriction that has a name, though the queue may hold nothing for it now."""
    reasons = (*(f"{kind}:" for kind in _KINDS), *REASONS)
    values = {"item": names.items, "reason": reasons, "channel": CHANNELS}
    return tuple(
        Facet(name, value, names.of(name, value), 0)
        for name, known in values.items()
        for value in known
    )


def _keys(share: Share) -> Iterator[tuple[str, str]]:
    kind = share.reason.partition(":")[0]
    yield "item", share.item
    yield "reason", f"{kind}:" if kind in _KINDS else share.reason
    yield "village", share.region
    yield "campaign", share.campaign_id
    yield "channel", share.channel


def read_words(words: str, wanted: Wanted, known: Sequence[Facet]) -> tuple[Wanted, str]:
    """Return ``wanted`` with what ``words`` restrict besides, and the words not understood.

    Each word may be any part of what a facet is called (石桥, 没听明白, 电话, 医保, 三天); of
    several that fit, the first counts.
    """
    unknown = []
    for word in words.split():
        fitting = [one for one in known if word.casefold() in one.words.casefold()]
        exact = [one for one in fitting if one.words == word or one.value == word]
        best = next(iter(exact or fitting), None)
        if best is None:
            unknown.append(word)
        else:
            wanted = replace(wanted, **{best.name: best.value})
    return wanted, " ".join(unknown)
