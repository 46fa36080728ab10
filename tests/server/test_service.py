"""What the running service tells other programs: its health, its counts, its records."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from dialog.question import Question
from models.campaign import Campaign, Campaigns
from models.roster import Roster
from server.app import create_app
from server.commands.serve import chat_address
from server.practice import practise
from server.reader import FormReader
from server.service import Service
from server.settings import Settings
from server.speech import synthesis_of, unmade
from survey_engine.questionnaire import Questionnaire
from telephony.speech_model import SUMS, ModelShelf, speech_model
from telephony.voices.kept import KeptVoice
from tests.desks import add_account, cookies
from tests.dialog.http_peer import peer
from tests.models.sample import AT, row

COUNTY = "990000000000"


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, forms: dict[str, Questionnaire]
) -> Iterator[Service]:
    opened = Service.open(Settings(data_dir=tmp_path_factory.mktemp("service")))
    form = forms["person"]
    campaign = Campaign(
        id="c", form=form.form, version=form.version, reference_day=AT.date(), region=COUNTY
    )
    Campaigns(opened.database).create(campaign, by="t", at=AT)
    Roster(opened.database).keep("c", [row(1), row(2)], by="t", at=AT)
    add_account(opened, "super", "supervisor", COUNTY)
    add_account(opened, "caller", "caller", COUNTY)
    add_account(opened, "far", "supervisor", "980000000000")
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> TestClient:
    return TestClient(create_app(service))


def assignment(service: Service) -> str:
    return service.cases.by_name("c", "张试用1")[0].assignment_id


def test_it_says_that_it_is_well(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


def test_requests_are_counted_by_route_and_no_token_shows(client: TestClient) -> None:
    client.get("/chat/secret-token-of-somebody")
    client.get("/healthz")
    told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain")
    found = 'tingwen_requests_total{method="GET",route="/chat/{token}",status="404"} 1.0'
    assert found in told.text
    assert 'tingwen_assignments{status="waiting"} 2.0' in told.text
    assert "tingwen_review_tasks_open 0.0" in told.text
    assert "secret-token" not in told.text


def test_practice_is_no_business_of_other_processes(
    service: Service, tmp_path: Path, forms: dict[str, Questionnaire]
) -> None:
    with peer(lambda _asked: {}) as rasa:
        reader = FormReader(tmp_path, Settings(data_dir=tmp_path, rasa_url=rasa.url))
        reader.practise(forms["community"])
        assert rasa.asked == []
        question = Question.of_ask(forms["community"], forms["community"].items[0].name, {})
        reader.understanding(forms["community"]).understand(question, "有")
        assert len(rasa.asked) == 1
    practise(service)


def test_sentences_that_would_keep_people_waiting_are_counted(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    texts = {"您好。", "再见。"}
    assert unmade(settings, texts) == 0
    model = ModelShelf(settings.models_dir).path(speech_model("kokoro-82m"))
    model.mkdir(parents=True)
    (model / SUMS).write_text("{}", encoding="utf-8")
    (model / "zf_xiaoxiao.bin").write_bytes(b"")
    assert unmade(settings, texts) == 2
    kept = KeptVoice(synthesis_of(settings), settings.spoken_dir, texts)
    file = kept.file_of("您好。", 1.0)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"made before")
    assert unmade(settings, texts) == 1


def test_the_interface_is_described(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/campaigns", "/api/assignments/{assignment_id}", "/healthz"} <= paths.keys()


def test_campaigns_are_read_within_the_wall(service: Service, client: TestClient) -> None:
    client.cookies.update(cookies(service, "super"))
    (found,) = client.get("/api/campaigns").json()
    assert (found["id"], found["reference_day"]) == ("c", AT.date().isoformat())
    assert client.get("/api/campaigns/c").json() == found
    assert client.get("/api/campaigns/d").status_code == 404
    client.cookies.clear()
    client.cookies.update(cookies(service, "far"))
    assert client.get("/api/campaigns").json() == []
    assert client.get(f"/api/assignments/{assignment(service)}").status_code == 404


def test_a_person_is_shown_without_name_or_numbers(service: Service, client: TestClient) -> None:
    client.cookies.update(cookies(service, "super"))
    told = client.get(f"/api/assignments/{assignment(service)}")
    assert told.json() == {
        "status": "waiting", "outcome": "", "answers": {}, "review": [], "attempts": [],
        "events": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("login", "status"), [("", 401), ("caller", 403)])
def test_others_read_nothing(service: Service, client: TestClient, login: str, status: int) -> None:
    if login:
        client.cookies.update(cookies(service, login))
    assert client.get("/api/campaigns").status_code == status


def test_who_never_saw_the_answer_to_beginning_may_begin_again(
    service: Service, forms: dict[str, Questionnaire]
) -> None:
    service.shelf.keep(forms["person"])
    app = create_app(service)
    other = service.cases.by_name("c", "张试用2")[0]
    address = chat_address(service, other.assignment_id)
    path = urlsplit(address).path
    mine = TestClient(app, follow_redirects=False)
    first = mine.get(path)
    assert first.status_code == 200
    known = dict(first.cookies)
    assert known
    lost = TestClient(app, follow_redirects=False, cookies=known).post(path, data={"begin": "1"})
    assert lost.status_code == 303
    again = mine.post(path, data={"begin": "1"})
    assert again.status_code == 303
    assert "本人" in mine.get(path).text
    stranger = TestClient(app)
    assert stranger.get(path).status_code == 403
    assert stranger.post(path, data={"begin": "1"}).status_code == 403
