"""How well reviewers work: double reviews that agree, gold tasks that come out right."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from models.agreement import Pair, cohens_kappa, observed_agreement
from models.gold import find_gold
from models.ruling import Given, find_rulings
from models.tables import ReviewTaskRow, RulingRow
from models.walled import Walled


@dataclass(frozen=True, slots=True)
class DoubleReview:
    """One task that two people looked at, neither knowing of the other."""

    task_id: str
    item: str
    first: Given
    second: Given

    @property
    def agrees(self) -> bool:
        """Whether both came to the same."""
        return self.first.label == self.second.label

    def seen_by(self, login: str) -> Pair:
        """Return ``(what this person said, what the other one said)``."""
        mine = self.first if self.first.given_by == login else self.second
        other = self.second if mine is self.first else self.first
        return mine.label, other.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far double reviews of one item, or with one reviewer, agree; None where unknown."""

    name: str
    pairs: int
    disputed: int
    share: float | None
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one reviewer did: rulings that stand, undone ones, and gold tasks with those right."""

    login: str
    given: int
    withdrawn: int
    gold: int
    gold_right: int


@dataclass(frozen=True, slots=True)
class Quality:
    """Everything that the page of the review desk's quality shows."""

    work: tuple[Work, ...]
    by_reviewer: tuple[Agreement, ...]
    by_item: tuple[Agreement, ...]
    whole: Agreement
    disputed: tuple[DoubleReview, ...]


def review_quality(records: Walled, since: datetime) -> Quality:
    """Return the quality of the rulings given from ``since`` on within the viewer's region.

    It is counted from the rulings; nothing of it is stored.
    """
    wall = records.viewer.wall(ReviewTaskRow.region)
    with records.reading() as connection:
        mine = (ReviewTaskRow.id == RulingRow.task_id, RulingRow.at >= since, wall)
        given = find_rulings(connection, *mine)
        items = _items(connection, since, wall)
        right = {one.task_id: one.right for one in find_gold(connection, wall)}
    doubles = tuple(_doubles(given, items))
    return Quality(
        work=tuple(_work(given, right)),
        by_reviewer=tuple(_by_reviewer(doubles)),
        by_item=tuple(_by_item(doubles)),
        whole=_agreement("", [(one.first.label, one.second.label) for one in doubles]),
        disputed=tuple(one for one in doubles if not one.agrees),
    )


def _items(connection: Connection, since: datetime, wall: ColumnElement[bool]) -> Mapping[str, str]:
    wanted = (
        select(ReviewTaskRow.id, ReviewTaskRow.item)
        .join(RulingRow, RulingRow.task_id == ReviewTaskRow.id)
        .where(RulingRow.at >= since, wall)
    )
    return {row.id: row.item for row in connection.execute(wanted)}


def _doubles(given: Sequence[Given], items: Mapping[str, str]) -> Iterator[DoubleReview]:
    rounds: dict[str, dict[int, Given]] = defaultdict(dict)
    for one in given:
        if one.kind == "review" and one.ending == "settled":
            rounds[one.task_id][one.round] = one
    for task_id, found in rounds.items():
        if 1 in found and 2 in found:
            yield DoubleReview(task_id, items[task_id], found[1], found[2])


def _work(given: Sequence[Given], right: Mapping[str, str]) -> Iterator[Work]:
    by_login: dict[str, list[Given]] = defaultdict(list)
    for one in given:
        by_login[one.given_by].append(one)
    for login, mine in sorted(by_login.items()):
        kept = [one for one in mine if one.ending != "withdrawn"]
        gold = [one for one in kept if one.kind == "gold"]
        yield Work(
            login=login,
            given=len(kept),
            withdrawn=len(mine) - len(kept),
            gold=len(gold),
            gold_right=sum(one.label == right.get(one.task_id) for one in gold),
        )


def _by_reviewer(doubles: Sequence[DoubleReview]) -> Iterator[Agreement]:
    logins = {one.given_by for double in doubles for one in (double.first, double.second)}
    for login in sorted(logins):
        mine = [one for one in doubles if login in (one.first.given_by, one.second.given_by)]
        yield _agreement(login, [one.seen_by(login) for one in mine])


def _by_item(doubles: Sequence[DoubleReview]) -> Iterator[Agreement]:
    for item in sorted({one.item for one in doubles}):
        of_item = [one for one in doubles if one.item == item]
        yield _agreement(item, [(one.first.label, one.second.label) for one in of_item])


def _agreement(name: str, pairs: Sequence[Pair]) -> Agreement:
    return Agreement(
        name=name,
        pairs=len(pairs),
        disputed=sum(one != other for one, other in pairs),
        share=observed_agreement(pairs),
        kappa=cohens_kappa(pairs),
    )
