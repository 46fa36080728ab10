"""The table of results at the supervisor's desk.

R01 whoever leads all campaigns from a county upwards changes it, others only look; R02 a row keeps
to known codes and to what they demand, and what was entered wrong stays on the page; R03 every
change is kept with who and when, in the audit log too, and the last one can be taken back; R04 two
who change the same row at once do not overwrite each other; R05 callers go by the new row.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from models.campaign import Campaign, Campaigns
from models.disposition import read_dispositions
from models.disposition_book import DispositionBook
from models.tables import AuditRow
from server.app import create_app
from server.calls.result_table import delay_parts, delay_words
from server.commands.campaign import kept_form
from server.forms.library import find_form
from server.service import Service
from server.settings import Settings
from tests.desks import add_account, cookies, csrf
from tests.models.sample import AT

BUSY = {
    "label": "占线",
    "code": "N15",
    "aapor": "3.12",
    "delay": "30",
    "unit": "minutes",
    "most": "8",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    opened = Service.open(Settings(data_dir=tmp_path_factory.mktemp("results")))
    form = kept_form(opened, find_form("person"))
    campaign = Campaign(
        id="c", form=form.form, version=form.version, reference_day=AT.date(), region="990000100000"
    )
    Campaigns(opened.database).create(campaign, by="t", at=AT)
    for login, region in (
        ("province", "990000000000"),
        ("county", "990000000000"),
        ("town", "990000100000"),
        ("other", "990001000000"),
    ):
        add_account(opened, login, "supervisor", region)
    add_account(opened, "caller", "caller", "990000000000")
    yield opened
    opened.close()


class Office:
    """A supervisor's browser."""

    def __init__(self, service: Service, login: str) -> None:
        cookie = cookies(service, login)
        self.token = csrf(service, cookie)
        self.client = TestClient(
            create_app(service), cookies=cookie, headers={"accept": "text/html"}
        )

    def get(self, path: str = "") -> str:
        return self.client.get(f"/desk/results{path}").text

    def seen(self, name: str = "busy") -> str:
        return str(re.findall(r'name="seen" value="(\d+)"', self.get(f"/{name}"))[0])

    def send(self, path: str, **fields: str) -> tuple[int, str]:
        sent = {"csrf": self.token, **fields}
        answer = self.client.post(f"/desk/results/{path}", data=sent, follow_redirects=False)
        return answer.status_code, answer.text


@pytest.fixture
def office(service: Service) -> Office:
    return Office(service, "county")


def busy(service: Service) -> tuple[str, str, str, int, int, bool]:
    with service.database.reading() as connection:
        one = read_dispositions(connection)["busy"]
    return one.label, one.code, one.aapor, one.delay, one.most, one.final


def test_who_may_change_it_r01(service: Service, office: Office) -> None:
    before = busy(service)
    for login in ("town", "other"):
        looking = Office(service, login)
        assert "占线" in looking.get()
        assert "/desk/results/busy" not in looking.get()
        code, page = looking.send("busy", **BUSY, seen="0")
        assert code == 422
        assert "只有" in page
    assert busy(service) == before
    assert Office(service, "caller").client.get("/desk/results").status_code == 403
    assert office.send("busy", **{**BUSY, "delay": "31"}, seen=office.seen())[0] == 303
    assert busy(service)[3] == 31
    assert office.client.get("/desk/results/nothing").status_code == 404
    assert office.send("completed", **BUSY, seen="0")[0] == 422


WRONG = (
    {"label": "  "}, {"label": "长" * 21}, {"label": "a\u202eb"}, {"code": "N99"}, {"code": ""},
    {"aapor": "9.99"}, {"delay": "-1"}, {"delay": "1.5"}, {"delay": "三"},
    {"delay": "61", "unit": "days"}, {"delay": ""}, {"most": "100"}, {"most": "x"},
    {"code": "N01"}, {"code": "N04"},
)  # fmt: skip


@pytest.mark.parametrize("fields", WRONG)
def test_what_a_row_cannot_be_r02(service: Service, office: Office, fields: dict[str, str]) -> None:
    before, kept = busy(service), len(DispositionBook(service.database).history())
    code, page = office.send("busy", **{**BUSY, **fields}, seen=office.seen())
    assert code == 422
    assert 'role="alert"' in page
    assert f'value="{fields.get("delay", "30")}"' in page
    assert busy(service) == before
    assert len(DispositionBook(service.database).history()) == kept


def test_what_ends_has_to_end_r02(office: Office) -> None:
    refused = {"label": "拒访", "code": "N11", "aapor": "2.11", "delay": "0", "most": "1"}
    assert office.send("refused", **refused, seen=office.seen("refused"))[0] == 422
    final = {**refused, "label": "拒访，别再打", "final": "true"}
    assert office.send("refused", **final, seen=office.seen("refused"))[0] == 303


def test_history_and_taking_back_r03(service: Service, office: Office) -> None:
    before = busy(service)
    changed = {**BUSY, "label": "<b>占线</b>", "delay": "2", "unit": "hours", "aapor": "3.13"}
    assert office.send("busy", **changed, seen=office.seen())[0] == 303
    assert busy(service) == ("<b>占线</b>", "N15", "3.13", 120, 8, False)
    page = office.get()
    assert "<b>占线" not in page
    assert "31 分钟 → 2 小时" in page
    last = DispositionBook(service.database).history()[0]
    assert (last.changed_by, last.before["delay"], last.after["delay"]) == ("county", 31, 120)
    with service.database.reading() as connection:
        actions = list(connection.scalars(select(AuditRow.action)))
    assert "disposition.change" in actions
    assert office.send("busy/undo", number=str(last.number - 1))[0] == 409
    assert office.send("busy/undo", number=str(last.number))[0] == 303
    assert busy(service) == before
    assert office.send("busy/undo", number=str(last.number))[0] == 409
    number = DispositionBook(service.database).history()[0].number
    assert number == last.number + 1
    assert office.send("busy", **{**BUSY, "delay": "31"}, seen=str(number))[0] == 303
    assert DispositionBook(service.database).history()[0].number == number


def test_two_at_once_r04(service: Service, office: Office) -> None:
    other, seen = Office(service, "province"), office.seen()
    assert other.send("busy", **{**BUSY, "most": "7"}, seen=seen)[0] == 303
    code, page = office.send("busy", **{**BUSY, "most": "6"}, seen=seen)
    assert code == 422
    assert "刚才有人改过" in page
    assert 'value="7"' in page
    assert busy(service)[4] == 7


@pytest.mark.parametrize(
    ("minutes", "parts", "words"),
    [(0, (0, "minutes"), "—"), (30, (30, "minutes"), "30 分钟"), (180, (3, "hours"), "3 小时"),
     (2_880, (2, "days"), "2 天"), (1_500, (25, "hours"), "25 小时")],
)  # fmt: skip
def test_pauses_in_words_r05(minutes: int, parts: tuple[int, str], words: str) -> None:
    assert delay_parts(minutes) == parts
    assert delay_words(minutes) == words
