"""Rosters of people who do not exist, for trying out and for tests.

Region 990000 does not exist, no telephone is given out under 140, and no landline begins with
area code 0990 and a local number of 2000…; so nobody real can be meant or called.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from random import Random

from server.roster.header import COLUMNS, is_taken
from survey_engine.certificate import Category, Certificate, Grade, check_digit
from survey_engine.form_model import form_model
from survey_engine.instance import Instance
from survey_engine.item import Item, ItemType
from survey_engine.period import age_on
from survey_engine.questionnaire import Questionnaire, Severity

VILLAGES = tuple(
    f"990000{township}{village}" for township in (100, 101) for village in (200, 201, 202)
)
_CHINA = timezone(timedelta(hours=8))
_TRIES = 8
_OLDEST_DAYS, _USUAL_DAYS = 95 * 365, 62 * 365
_PEOPLE_A_ROUND = 500
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张欧阳"
_GIVEN = (
    "建国",
    "秀英",
    "桂兰",
    "志强",
    "玉梅",
    "小军",
    "海燕",
    "福贵",
    "淑珍",
    "明",
    "龘",
    "𬱖",
    "䶮",
)
_MINORITY = ("阿依古丽·买买提", "巴特尔", "扎西顿珠", "古丽巴哈尔·阿不都热合曼", "龙阿朵", "金顺姬")
_REASONS = ("外出务工", "走亲戚", "住院", "外地就学", "随子女居住", "敲门无人应答", "")
_RELATIONS = ("父亲", "母亲", "配偶", "儿子", "女儿", "哥哥", "姐姐")
_ADULT = 18
#: Of so many people of a village the last lives in the house of the one before.
_SHARED = 6
#: What most people answer to some items; a form that has not the item or code is not bound to it.
_USUAL = {"A7": "2", "C1": "1", "C3": "0", "E3": "1", "F0": "1"}
_OFTEN = 0.9
_RESIDENCE_ITEM = "A3"
_RESIDENCE_CODES = {"农业": "1", "非农业": "2"}
_ALWAYS_WATCHED = (Category.INTELLECT, Category.MIND)


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """One invented person, by the headings of a roster."""

    cells: Mapping[str, str]
    last_year: Mapping[str, str]

    def as_row(self) -> Mapping[str, str]:
        """Return all cells of the person's row."""
        return {**self.cells, **self.last_year}


class InventedCounty:
    """A county of six villages; the same seed always gives the same people."""

    def __init__(self, form: Questionnaire, reference_day: date, seed: int = 1) -> None:
        self._form = form
        self._day = reference_day
        self._random = Random(seed)  # noqa: S311 - invented people need no secrecy
        self._made = 0
        self._living: dict[str, int] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of a roster of this county: every column, every item of the form."""
        names = (item.name for item in self._form.items if is_taken(self._form, item.name))
        return (*COLUMNS, *names)

    def people(self, count: int) -> Iterator[InventedPerson]:
        """Yield ``count`` more people, of all categories, ages and situations."""
        for _ in range(count):
            certificate = self._certificate()
            cells = self._cells(certificate)
            surveyed = self._random.random() < 0.85
            yield InventedPerson(cells, self._answers(certificate, cells) if surveyed else {})

    def strangers(self, count: int) -> Iterator[InventedPerson]:
        """Yield people as :meth:`people` does, but none of them with answers of last year."""
        for _ in range(count):
            yield InventedPerson(self._cells(self._certificate()), {})

    def _certificate(self) -> Certificate:
        """Number people through, so that no two share an identity number."""
        rounds, place = divmod(self._made, _PEOPLE_A_ROUND)
        self._made += 1
        days = int(self._random.triangular(0, _OLDEST_DAYS, _USUAL_DAYS))
        birth = self._day - timedelta(days=days)
        sequence = place * 2 + self._random.randrange(2)
        beginning = f"99{rounds:04d}{birth:%Y%m%d}{sequence:03d}"
        identity = beginning + check_digit(beginning)
        if age_on(birth, self._day) < _ADULT and self._random.random() < 0.1:
            return Certificate.read(identity)
        category = self._random.choice(tuple(Category))
        return Certificate.read(f"{identity}{category}{self._random.choice(tuple(Grade))}")

    def _cells(self, certificate: Certificate) -> dict[str, str]:
        random = self._random
        age = age_on(certificate.birth, self._day)
        watched = age < _ADULT or certificate.category in _ALWAYS_WATCHED
        guardian = watched or random.random() < 0.2
        values = (
            self._name(),
            certificate.number + random.choice(("", "", "", "B1")) * bool(certificate.grade),
            (village := random.choice(VILLAGES)),
            self._telephone() if random.random() < 0.93 else "",
            random.choice(("农业", "农业", "非农业", "")),
            random.choice(_REASONS),
            self._name() if guardian else "",
            self._telephone() if guardian else "",
            random.choice(_RELATIONS[: 2 if age < _ADULT else None]) if guardian else "",
            self._address(village),
            "",
            random.choice(("", "", "", "晚上打", "耳朵背，慢慢说", "家里说方言")),
        )
        return dict(zip(COLUMNS, values, strict=True))

    def _address(self, village: str) -> str:
        """Number the houses of a village; every now and then two people live in one."""
        people = self._living[village] = self._living.get(village, 0) + 1
        house = people - people // _SHARED
        return f"{1 + house % 4}组{house}号"

    def _name(self) -> str:
        if self._random.random() < 0.06:
            return self._random.choice(_MINORITY)
        return self._random.choice(_SURNAMES) + self._random.choice(_GIVEN)

    def _telephone(self) -> str:
        number = self._random.randrange(1_000_000)
        if self._random.random() < 0.1:
            return f"0990-2{number:06d}"
        return f"14000{number:06d}"

    def _answers(self, certificate: Certificate, cells: Mapping[str, str]) -> dict[str, str]:
        """Return answers that hang together: none that the form would not ask or would refuse."""
        opened = self._opened(certificate, cells)
        for _ in range(_TRIES):
            instance = self._filled(opened, cells["户口性质"])
            if not any(
                check.severity is Severity.ERROR and instance.test(check.fails_when)
                for check in self._form.checks
            ):
                break
        return {name: value for name in self._asked() if (value := instance.value(name))}

    def _asked(self) -> Sequence[str]:
        return [item.name for item in self._form.items if is_taken(self._form, item.name)]

    def _opened(self, certificate: Certificate, cells: Mapping[str, str]) -> Instance:
        """Return the form of a year ago as it opens for the person."""
        model = form_model(self._form)
        facts = {
            "age": str(max(age_on(certificate.birth, self._day) - 1, 0)),
            "birth": certificate.birth.isoformat(),
            "sex": certificate.sex.value,
            "category": certificate.category.value if certificate.category else "",
            "grade": certificate.grade.value if certificate.grade else "9",
            "region": cells["区划代码"],
        }
        known = {name: value for name, value in facts.items() if model.knows(name)}
        return Instance.start(model, known, self._noon())

    def _filled(self, instance: Instance, residence: str) -> Instance:
        for name in self._asked():
            item = self._form.item(name)
            if item is not None and instance.is_relevant(name):
                offers = instance.offers(name)
                code = _RESIDENCE_CODES.get(residence) if name == _RESIDENCE_ITEM else None
                value = code if code in offers and code else self._value(item, offers)
                instance = instance.with_value(name, value, self._noon()) if value else instance
        return instance

    def _value(self, item: Item, offers: Sequence[str]) -> str:
        alone = item.exclusive_codes()
        if item.type is ItemType.SINGLE and offers:
            usual = _USUAL.get(item.name, "")
            often = usual in offers and self._random.random() < _OFTEN
            return usual if often else self._random.choice(offers)
        if item.type is not ItemType.MULTI or not offers:
            return ""
        if alone and self._random.random() < 0.5:
            return self._random.choice([code for code in offers if code in alone] or [""])
        several = [code for code in offers if code not in alone]
        return " ".join(
            self._random.sample(several, min(len(several), self._random.choice((1, 2))))
        )

    def _noon(self) -> datetime:
        return datetime.combine(self._day, time(12), _CHINA)
