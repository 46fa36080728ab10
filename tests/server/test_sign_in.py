"""Signing in.

I01 name, password and code let in, and only together; I02 a code works once; I03 an unknown login,
an ended account and a wrong password are answered alike; I04 five failures ask a question that is
plain text, ten lock, and others are not affected; I05 nobody signs in while failures cannot be
counted; I06 the cookie is new with each step and useless after signing out; I07 forms need their
token; I08 the first sign-in replaces the password and sets up the codes; I09 a changed password
signs out everywhere; I10 accounts are kept by the command; I11 nobody is sent to another site.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest
from sqlalchemy import func, select, text
from starlette.testclient import TestClient
from typer.testing import CliRunner

from models.audit import AuditLog
from models.failure import RecordsError
from models.sign_in_failure import LOCKED, SignInFailures
from models.staff import Account, Staff
from models.tables import AuditRow, SittingRow
from server.app import create_app
from server.cli import assembled
from server.desk.challenge import answered, new_challenge
from server.desk.door import COOKIE
from server.desk.sign_in import Asked, RefusedError, from_address
from server.service import Service
from server.settings import Settings
from tests.desks import add_account

RIGHT, COUNTY = "correct horse battery", "990000000000"
PAGE = {"accept": "text/html"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    opened = Service.open(cheap(tmp_path))
    yield opened
    opened.close()


def cheap(folder: Path) -> Settings:
    """Settings under which checking a password costs next to nothing."""
    return Settings(data_dir=folder, argon2_time=1, argon2_memory_kib=8)


def account(service: Service, login: str = "wang", **changes: object) -> Account:
    made = add_account(service, login, "caseworker", COUNTY)
    full = {
        "password": service.sign_in.passwords.hashed(RIGHT),
        "second_factor": pyotp.random_base32(),
        **changes,
    }
    made = replace(made, **full)  # type: ignore[arg-type]
    Staff(service.database).replace(made, by="test", at=datetime.now(UTC))
    return made


def browser(service: Service, address: str = "10.0.0.1") -> TestClient:
    return TestClient(
        create_app(service), follow_redirects=False, client=(address, 5000), headers=PAGE
    )


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def first_step(client: TestClient, login: str, password: str, **more: str) -> tuple[int, str]:
    page = client.get("/desk/sign-in").text
    sent = {"login": login, "password": password, "csrf": field(page, "csrf"), **more}
    reply = client.post("/desk/sign-in", data=sent)
    return reply.status_code, reply.text


def second_step(client: TestClient, code: str) -> int:
    page = client.get("/desk/sign-in/second").text
    sent = {"code": code, "csrf": field(page, "csrf")}
    return client.post("/desk/sign-in/second", data=sent).status_code


def code_of(account: Account, at: datetime | None = None) -> str:
    assert account.second_factor
    return pyotp.TOTP(account.second_factor).at(at or datetime.now(UTC))


def test_both_factors_let_in_i01(service: Service) -> None:
    wang, client = account(service), browser(service)
    assert first_step(client, "wang", RIGHT)[0] == 303
    assert client.get("/desk/review").headers["location"].startswith("/desk/sign-in?")
    wrong = "000000" if code_of(wang) != "000000" else "111111"
    assert second_step(client, wrong) == 401
    assert second_step(client, code_of(wang)) == 303
    assert client.get("/desk/review").status_code == 200


def test_a_code_works_once_i02(service: Service) -> None:
    wang, code = account(service), ""
    for expected in (303, 401):
        client = browser(service)
        first_step(client, "wang", RIGHT)
        code = code or code_of(wang)
        assert second_step(client, code) == expected
    before = datetime.now(UTC) - timedelta(seconds=30)
    assert second_step(client, code_of(wang, before)) == 401, "an older code neither"


def test_refusals_are_alike_i03(service: Service) -> None:
    account(service)
    account(service, "gone", active=False)
    tried = (("wang", "wrong wrong"), ("gone", RIGHT), ("nobody", RIGHT), ("", ""))
    told = {
        (status, re.sub(r'value="[^"]*"', "", page))
        for login, password in tried
        for status, page in [first_step(browser(service, "10.0.0.9"), login, password)]
    }
    assert len(told) == 1
    assert next(iter(told))[0] == 401


def solved(question: str) -> str:
    """What anybody answers who can read, or hears it read."""
    digits = "零一二三四五六七八九"
    if found := re.match("(.)加(.)等于几", question):
        return str(digits.index(found[1]) + digits.index(found[2]))
    words, _, asked = question.partition("，第")
    return words.split("、")[digits.index(asked[0]) - 1]


def test_ten_thousand_guesses_lock_and_touch_nobody_else_i04(service: Service) -> None:
    victims = [f"victim{number}" for number in range(5)] + [f"nobody{n}" for n in range(15)]
    for login in victims[:5]:
        account(service, login)
    account(service, "wang")
    now, judged = datetime.now(UTC), Counter[str]()
    questions: dict[str, tuple[str, str]] = {}
    for guess in range(10_000):
        login, address = victims[guess % 20], f"10.1.{guess % 100}.1"
        sealed, answer = questions.get(login, ("", ""))
        asked = Asked(login=login, password=f"guess {guess}", address=address,
                      sealed=sealed, answer=answer)  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            service.sign_in.password(asked, now)
        judged[login] += refused.value.sentence.startswith("登录名")
        if question := refused.value.challenge:
            questions[login] = question.sealed, solved(question.question)
    assert set(judged.values()) == {10}
    assert failed(service) == 200
    victim = Asked(login="victim0", password=RIGHT, address="10.2.0.1")
    assert refusal(service, victim, now).status == 429
    assert service.sign_in.password(Asked(login="wang", password=RIGHT, address="10.2.0.1"), now)
    later = now + LOCKED
    question = refusal(service, victim, later).challenge
    assert question is not None
    answering = replace(victim, sealed=question.sealed, answer=solved(question.question))
    assert service.sign_in.password(answering, later)


def refusal(service: Service, asked: Asked, now: datetime) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        service.sign_in.password(asked, now)
    return refused.value


def failed(service: Service) -> int:
    counting = select(func.count()).where(AuditRow.action == "sign-in.failed")
    with service.database.reading() as connection:
        return connection.scalar(counting) or 0


def test_one_address_is_locked_i04(service: Service) -> None:
    now, judged = datetime.now(UTC), 0
    for guess in range(200):
        asked = Asked(login=f"sprayed{guess}", password="x", address="10.3.0.1")
        refused = refusal(service, asked, now)
        if refused.status == 401 and (question := refused.challenge) and guess != 4:
            asked = replace(asked, sealed=question.sealed, answer=solved(question.question))
            refused = refusal(service, asked, now)
        judged += refused.sentence.startswith("登录名")
    assert judged == 50
    assert refusal(service, replace(asked, login="other"), now).status == 429
    assert from_address("2001:db8::1") == from_address("2001:db8::ffff")
    assert from_address("2001:db8::1") != from_address("2001:db8:0:1::1")


def test_a_question_is_for_one_try_i04(service: Service) -> None:
    keys, now = service.database.keys, datetime.now(UTC)
    for _ in range(20):
        asked = new_challenge(keys, "wang:5", now)
        right = solved(asked.question)
        assert answered(keys, asked.sealed, f" {right}。", "wang:5", now)
        assert not answered(keys, asked.sealed, right, "wang:6", now)
        assert not answered(keys, asked.sealed, right, "li:5", now)
        assert not answered(keys, asked.sealed, right + "1", "wang:5", now)
        assert not answered(keys, asked.sealed[:-8], right, "wang:5", now)
        assert not answered(keys, asked.sealed, right, "wang:5", now + timedelta(minutes=11))
    spoken = new_challenge(keys, "", now)
    while "加" not in spoken.question:
        spoken = new_challenge(keys, "", now)
    number = int(solved(spoken.question))
    tens, ones = ("十" if number >= 10 else ""), "零一二三四五六七八九"[number % 10]
    words = tens + (ones if number % 10 or not tens else "")
    assert answered(keys, spoken.sealed, words, "", now)


def test_the_question_is_plain_text_with_a_label_i04(service: Service) -> None:
    account(service)
    client = browser(service)
    for _ in range(5):
        status, page = first_step(client, "wang", "wrong wrong")
    assert (status, page.count("<img")) == (401, 0)
    question = re.search(r'<label for="answer">([^<]+)</label>', page)
    assert question is not None
    assert first_step(client, "wang", RIGHT)[0] == 401, "the right password alone does not do"
    page = first_step(client, "wang", RIGHT)[1]
    question = re.search(r'<label for="answer">([^<]+)</label>', page)
    assert question is not None
    more = {"sealed": field(page, "sealed"), "answer": solved(question[1])}
    assert first_step(client, "wang", RIGHT, **more)[0] == 303


def test_nobody_enters_while_failures_cannot_be_counted_i05(service: Service) -> None:
    account(service)
    with service.database.writing() as connection:
        connection.execute(text("ALTER TABLE sign_in_failure RENAME TO away"))
    with pytest.raises(RecordsError):
        service.sign_in.password(
            Asked(login="wang", password=RIGHT, address="10.0.0.1"), datetime.now(UTC)
        )
    client = browser(service)
    assert client.get("/desk/sign-in").status_code == 503
    with service.database.reading() as connection:
        assert connection.execute(select(SittingRow.id)).all() == []


def test_each_step_has_a_cookie_of_its_own_i06(service: Service) -> None:
    wang, client = account(service), browser(service)
    client.cookies.set(COOKIE, "planted", domain="testserver.local", path="/")
    first_step(client, "wang", RIGHT)
    pending = [one.value for one in client.cookies.jar if one.name == COOKIE]
    second_step(client, code_of(wang))
    entered = [one.value for one in client.cookies.jar if one.name == COOKIE]
    assert "planted" not in {*pending, *entered}
    assert set(pending).isdisjoint(entered)
    stolen = entered[0] or ""
    page = client.get("/desk/account").text
    set_cookie = client.get("/desk/sign-in").headers["set-cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=strict" in set_cookie
    assert client.post("/desk/sign-out", data={"csrf": field(page, "csrf")}).status_code == 303
    for cookie in (stolen, pending[0] or ""):
        thief = browser(service, "10.9.9.9")
        thief.cookies.set(COOKIE, cookie)
        for _ in range(50):
            assert thief.get("/desk/account").status_code == 303


def test_forms_need_their_token_i07(service: Service) -> None:
    wang, client = account(service), browser(service)
    sent = {"login": "wang", "password": RIGHT}
    assert client.post("/desk/sign-in", data=sent).status_code == 409
    assert client.post("/desk/sign-in", data={**sent, "csrf": "x" * 64}).status_code == 409
    first_step(client, "wang", RIGHT)
    assert client.post("/desk/sign-in/second", data={"code": code_of(wang)}).status_code == 409
    assert second_step(client, code_of(wang)) == 303


def test_the_first_sign_in_i08(service: Service) -> None:
    account(service, "li", fresh=True, second_factor=None)
    client = browser(service)
    first_step(client, "li", RIGHT)
    assert client.get("/desk/sign-in/second").headers["location"] == "/desk/sign-in/first"
    page = client.get("/desk/sign-in/first").text
    assert client.get("/desk/account").status_code == 303, "nothing else is open"
    found = re.search(r'class="secret">([^<]+)<', page)
    assert found is not None
    code = pyotp.TOTP(found[1].replace(" ", "")).now()
    sent = {"csrf": field(page, "csrf"), "sealed": field(page, "sealed"), "code": code}
    for password, again in ((RIGHT, RIGHT), ("short", "short"), ("1" * 12, "1" * 12), ("a", "b"),
                            ("li is my login", "li is my login")):  # fmt: skip
        refused = client.post(
            "/desk/sign-in/first", data={**sent, "password": password, "again": again}
        )
        assert refused.status_code == 422
        assert found[1] in refused.text, "the authenticator need not be set up again"
    new = {"password": "a sentence of mine", "again": "a sentence of mine"}
    assert (
        client.post("/desk/sign-in/first", data={**sent, **new, "code": "000000"}).status_code
        == 422
    )
    assert client.post("/desk/sign-in/first", data={**sent, **new}).status_code == 303
    assert client.get("/desk/account").status_code == 200
    assert first_step(browser(service), "li", RIGHT)[0] == 401
    later = browser(service)
    assert first_step(later, "li", new["password"])[0] == 303
    assert second_step(later, code) == 401, "the code of the setting-up is used"


def test_a_changed_password_signs_out_everywhere_i09(service: Service) -> None:
    wang, here, there = account(service), browser(service), browser(service, "10.0.0.2")
    for client, at in ((here, -30), (there, 0)):
        first_step(client, "wang", RIGHT)
        moment = datetime.now(UTC) + timedelta(seconds=at)
        assert second_step(client, code_of(wang, moment)) == 303
    page = here.get("/desk/account").text
    new = {"password": "another sentence", "again": "another sentence", "csrf": field(page, "csrf")}
    assert here.post("/desk/account/password", data={**new, "old": "x"}).status_code == 422
    assert there.get("/desk/account").status_code == 200
    assert here.post("/desk/account/password", data={**new, "old": RIGHT}).status_code == 303
    assert there.get("/desk/account").status_code == 303
    assert here.get("/desk/account").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["https://example.invalid/desk", "//example.invalid", "/desk//x", "/desk\\x", "/chat"],
)
def test_nobody_is_sent_elsewhere_i11(service: Service, address: str) -> None:
    wang, client = account(service), browser(service)
    page = client.get("/desk/sign-in", params={"next": address}).text
    assert field(page, "next") == ""
    sent = {"login": "wang", "password": RIGHT, "csrf": field(page, "csrf"), "next": address}
    client.post("/desk/sign-in", data=sent)
    page = client.get("/desk/sign-in/second").text
    sent = {"code": code_of(wang), "csrf": field(page, "csrf"), "next": address}
    assert (
        urlsplit(client.post("/desk/sign-in/second", data=sent).headers["location"]).path == "/desk"
    )


def test_accounts_by_command_i10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGWEN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TINGWEN_ARGON2_MEMORY_KIB", "8")

    def tingwen(*words: str) -> str:
        result = CliRunner().invoke(assembled("staff"), ["staff", *words])
        return result.stdout if result.exit_code == 0 else str(result.exception)

    add = ("add", "li", "--name", "李四", "--role", "caller", "--region", COUNTY, "--language",
           "温州话", "--json")  # fmt: skip
    made = json.loads(tingwen(*add))
    assert set(made) == {"login", "password"}
    assert len(made["password"]) >= 16
    assert "exists already" in tingwen(*add)
    assert "root is no role" in tingwen("add", "x1", "--name", "x", "--role", "root")
    (listed,) = json.loads(tingwen("list", "--json"))
    assert listed["languages"] == ["温州话"]
    assert listed["fresh"]
    assert made["password"] not in json.dumps(listed)
    again = json.loads(tingwen("reset", "li", "--json"))
    assert again["password"] != made["password"]
    service = Service.open(cheap(tmp_path))
    now = datetime.now(UTC)
    old = Asked(login="li", password=made["password"], address="10.0.0.1")
    assert refusal(service, old, now).status == 401
    assert service.sign_in.password(replace(old, password=again["password"]), now)
    assert "记下了" in tingwen("telephone", "li", "138 1111 0000")
    kept = Staff(service.database).get("li")
    assert kept is not None
    assert kept.telephone == "+8613811110000"
    entries = AuditLog(service.database).entries()
    assert [(one.actor, one.object) for one in entries if one.action == "staff.telephone"] == [
        ("cli", "li")
    ]
    for bad in (("telephone", "li", "119;rm"), ("telephone", "nobody", "13811110000")):
        assert "is no" in tingwen(*bad)
    tingwen("add", "wang", "--name", "王五", "--role", "clerk")
    assert "is no caller" in tingwen("telephone", "wang", "13811110000")
    assert "删去了" in tingwen("telephone", "li", "")
    assert "已停用" in tingwen("deactivate", "li")
    assert refusal(service, replace(old, password=again["password"]), now).status == 401
    assert not SignInFailures(service.database).locked(["li"], now)
    service.close()
