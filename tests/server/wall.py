"""A country with somebody on each side of every wall, and the traces that each of them left.

Around one village lie five others: in the same township, in the same county, and so on up to
another province. Whoever works at some level near :data:`HOME` may see those that do not part
from it above that level, and nothing of the rest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, Table, or_, select

from models.appointment import Appointment, Appointments
from models.base import Record
from models.campaign import Campaign, Campaigns
from models.case import Case
from models.clip import Clip, Clips
from models.conversation_store import Inbound, TurnResult
from models.note import Note, Notes
from models.region import COUNTRY, Region, Regions
from models.review import Ruling
from models.roster import Roster
from models.roster_import import RosterImports
from models.tables import AssignmentRow, InterviewRow, ReviewTaskRow
from models.uncovering import Uncovering
from models.viewer import Viewer
from models.visit import Visits
from models.walled import Walled
from models.window import Photo, SignedForm, Window
from server.service import Service
from survey_engine.channel import Channel
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import start
from survey_engine.wait import WaitKind
from tests.desks import add_account
from tests.models.sample import AT, answering, body_for, row

HOME = "990101101201"
#: Where somebody works, by level, smallest first: each sees what is in it, and nothing else.
DESKS: Mapping[str, str] = {
    "village": HOME,
    "township": "990101101000",
    "county": "990101000000",
    "city": "990100000000",
    "province": "990000000000",
}
#: The village that a wall at this level parts from :data:`HOME`, and the surname of its people.
BEYOND: Mapping[str, tuple[str, str]] = {
    "village": ("990101101202", "鄺"),
    "township": ("990101102201", "蔺"),
    "county": ("990102101201", "逄"),
    "city": ("990201101201", "亓"),
    "province": ("980101101201", "仉"),
}
EVERYBODY = "everybody"
Turn = Callable[[Interview], TurnResult]


@dataclass(frozen=True)
class Village:
    """One village: what its things are called by kind, and the words that give them away."""

    level: str
    region: str
    ids: Mapping[str, str]
    secrets: Sequence[str]
    assignments: Sequence[str]

    def rows(self, service: Service) -> list[tuple[str, tuple[object, ...]]]:
        """Every row that belongs to this village, or to somebody who works there."""
        found: list[tuple[str, tuple[object, ...]]] = []
        with service.database.reading() as connection:
            for table in Record.metadata.sorted_tables:
                mine = _belonging(table, self._owners())
                if mine:
                    wanted = select(table).where(or_(*mine))
                    found += [(table.name, tuple(one)) for one in connection.execute(wanted)]
        return sorted(found, key=repr)

    def _owners(self) -> Mapping[str, Sequence[str]]:
        return {
            "region": [self.region],
            "campaign_id": [self.ids["campaign"]],
            "assignment_id": self.assignments,
            "interview_id": [self.ids["interview"]],
            "task_id": [self.ids["task"], self.ids["ruled"]],
            "person_id": [self.ids["person"]],
        }


def _belonging(table: Table, owners: Mapping[str, Sequence[str]]) -> list[ColumnElement[bool]]:
    return [table.c[name].in_(ids) for name, ids in owners.items() if name in table.c]


class Country:
    """Makes the villages."""

    def __init__(self, service: Service, form: Questionnaire) -> None:
        self.service, self.form = service, form
        self._campaign(EVERYBODY, COUNTRY)

    def _campaign(self, name: str, region: str) -> None:
        campaign = Campaign(
            id=name, form=self.form.form, version=self.form.version,
            reference_day=date(2026, 9, 30), region=region,
        )  # fmt: skip
        Campaigns(self.service.database).create(campaign, by="t", at=AT)

    def village(self, level: str, region: str, surname: str, number: int) -> Village:
        """Make a village in which everything has been done that staff can do."""
        database, campaign = self.service.database, f"year-of-{level}"
        people = [
            row(number * 10 + one, region=region, name=f"{surname}某{one}", note=f"{surname}备注",
                telephone=f"139{number}7770{one}00", guardian_name=f"{surname}监护")
            for one in range(2)
        ]  # fmt: skip
        self._campaign(campaign, region)
        Roster(database).keep(EVERYBODY, people, by="t", at=AT)
        Roster(database).keep(campaign, people[:1], by="t", at=AT)
        Regions(database).keep([Region(region, f"{surname}家村")])
        return _Traces(self.service, level, region, surname, campaign).left(number)

    def name_around(self) -> None:
        """Name the places around them all, which everybody may know of their own side."""
        Regions(self.service.database).keep(
            [Region(code, f"本{level}") for level, code in DESKS.items() if code != HOME]
        )


@dataclass(frozen=True)
class _Traces:
    """What somebody leaves who works in one village with every right there is."""

    service: Service
    level: str
    region: str
    surname: str
    campaign: str

    @property
    def login(self) -> str:
        return f"one-of-{self.level}"

    @property
    def records(self) -> Walled:
        viewer = Viewer(
            login=self.login, name=f"{self.surname}督导", role="supervisor", region=self.region
        )
        return Walled(self.service.database, viewer)

    def left(self, number: int) -> Village:
        add_account(self.service, self.login, "supervisor", self.region)
        cases = sorted(self.records.cases(), key=lambda case: (case.name, case.campaign_id))
        chief = cases[0].assignment_id
        tasks, interview = self._interviewed(chief)
        self._ruled(tasks[1])
        self._written(chief, interview)
        ids = {
            "assignment": chief,
            "task": tasks[0],
            "ruled": tasks[1],
            "ruling": f"ruling-of-{self.level}",
            "interview": interview,
            "person": self._person(chief),
            "approval": self._asked(),
            "import": self._imported(),
            "utterance": f"sound-of-{self.level}",
            "campaign": self.campaign,
            "login": self.login,
            "region": self.region,
            "certificate": cases[0].certificate,
            "name": cases[0].name,
        }
        secrets = (self.surname, f"139{number}777", *ids.values(), *_all_ids(cases))
        return Village(
            self.level, self.region, ids, secrets, [case.assignment_id for case in cases]
        )

    def _interviewed(self, assignment: str) -> tuple[Sequence[str], str]:
        """Let somebody answer, at the end vaguely; return two tasks and the interview."""
        store = self.service.store
        store.start(assignment, self._opening)
        for number in range(40):
            interview = store.interview(assignment)
            assert interview.wait
            unsure = number > 8 and interview.wait.kind is WaitKind.ASK
            body = f"{interview.wait.target}=unsure" if unsure else body_for(interview)
            inbound = Inbound(channel="chat", external_id=f"{assignment}-{number}",
                              assignment_id=assignment, body=body, received_at=AT)  # fmt: skip
            store.take(inbound, _silently(answering(body, AT)))
            if len(self._tasks()) > 1:
                break
        with self.service.database.reading() as connection:
            found = connection.scalar(
                select(InterviewRow.id).where(InterviewRow.assignment_id == assignment)
            )
        assert found
        return self._tasks(), found

    def _tasks(self) -> Sequence[str]:
        wanted = select(ReviewTaskRow.id).where(ReviewTaskRow.region == self.region).limit(2)
        with self.service.database.reading() as connection:
            return connection.scalars(wanted).all()

    def _opening(self, case: Case) -> TurnResult:
        interview, events = start(
            self.service.shelf.find(case.form, case.version), case.facts(), case.last_year,
            at=AT, channel=Channel.CHAT,
        )  # fmt: skip
        return TurnResult(interview, events, "")

    def _ruled(self, task: str) -> None:
        reviews = self.service.reviews
        reviews.view(self.records, task, AT)
        ruling = Ruling(decision="reopen", by=self.login, reason=f"{self.surname}理由", at=AT)
        reviews.rule(self.records, task, f"ruling-of-{self.level}", ruling)

    def _written(self, assignment: str, interview: str) -> None:
        database, records, login = self.service.database, self.records, self.login
        Visits(database, records).record(assignment, "home", date(2026, 10, 1), at=AT)
        Uncovering(database, records).person(assignment, f"{self.surname}用途", at=AT)
        words = f"{self.surname}的备注"
        Notes(database).add(
            Note(id=f"note-of-{self.level}", assignment_id=assignment, written_by=login,
                 words=words, at=AT)
        )  # fmt: skip
        Appointments(database, records).make(
            Appointment(assignment_id=assignment, at=AT.replace(day=13)), now=AT
        )
        Clips(database).keep(
            Clip(utterance=f"sound-of-{self.level}", interview_id=interview, format="pcm16",
                 rate=8000, sound=b"\0" * 320, recorded_at=AT)
        )  # fmt: skip
        window = Window(database)
        window.seat(login, assignment, AT)
        window.keep_photo(
            Photo(id=f"photo-of-{self.level}", assignment_id=assignment, agreed_by="self",
                  taken_by=login, at=AT),
            f"picture of {self.level}".encode(),
        )  # fmt: skip
        window.sign(
            SignedForm(id=f"form-of-{self.level}", assignment_id=assignment, signer="self",
                       signed_with=login, signatures={"self": "drawn"}, content=b"c" * 32,
                       print=f"print of {self.level}".encode(), sm3=b"s" * 32,
                       sha256=b"h" * 32, at=AT)
        )  # fmt: skip

    def _asked(self) -> str:
        uncovering = Uncovering(self.service.database, self.records)
        return uncovering.ask(self.campaign, self.region, f"{self.surname}要名单", at=AT).id

    def _imported(self) -> str:
        imports = RosterImports(self.service.database, self.records)
        found = imports.begin(self.campaign, self.region, f"{self.surname}底册.csv", AT)
        rejected = [{"row": 2, "column": "x", "code": "x", "message": f"{self.surname}退回"}]
        report = {"read": 1, "accepted": 0, "unchanged": 0, "rejected": rejected,
                  "warnings": []}  # fmt: skip
        imports.end(found, "done", report, AT)
        return found

    def _person(self, assignment: str) -> str:
        wanted = select(AssignmentRow.person_id).where(AssignmentRow.id == assignment)
        with self.service.database.reading() as connection:
            return str(connection.scalar(wanted))


def _silently(turn: Turn) -> Turn:
    """The turn without its reply, which is not worded as pages word theirs."""
    return lambda interview: replace(turn(interview), reply="", outbox=())


def _all_ids(cases: Sequence[Case]) -> Iterator[str]:
    for case in cases:
        yield case.assignment_id
        yield case.certificate
