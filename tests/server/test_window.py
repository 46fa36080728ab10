"""The window desk.

W01 the person is found by what is on the card, within the clerk's region and nowhere else; W02 the
guided chat is led on the channel window, by the clerk, once a page; W03 the second screen shows
the same and may answer, and does not keep the clerk signed in; W04 a photograph needs consent, is
sealed and can be deleted; W05 both sign what was read, a proxy with (代) and relation; W06 the
print is what its digests say, and answers that change afterwards show; W07 what the clerk says is
written into the field by the recogniser, for those within the wall only; W08 the second screen
gets its screens as events, and questions are read aloud by the installed voice; W09 what is said
is kept as evidence of its turn if somebody agreed, until they want it no longer.
"""

import base64
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select, text, update
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from models.attempt import Attempts
from models.campaign import Campaign, Campaigns
from models.clip import Clips
from models.columns import json_bytes
from models.failure import ConstraintError
from models.roster import Roster
from models.sitting import Sittings
from models.tables import AuditRow, ClipRow, PhotoRow, SignedFormRow, SittingRow
from models.task import TaskFilter
from models.window import SignedForm, Window
from server.app import create_app
from server.commands.campaign import kept_form
from server.demo.respondent import MANNERS, Respondent
from server.desk.door import COOKIE
from server.forms.library import find_form
from server.service import Service
from server.settings import Settings
from server.telephone.ready import ready_exchange
from server.window import facing_routes
from server.window.fault import WindowError
from server.window.finding import scanned_number
from server.window.paper import Entry, Paper, sha256, sm3
from server.window.picture import drawn, photograph
from server.window.printed import FONTS, Printer, Signature, font_file
from survey_engine.channel import Channel
from survey_engine.interview import Status
from telephony.audio import AudioChunk
from telephony.evidence import unpacked
from telephony.failure import VoiceError
from telephony.recogniser import Hints, Listening, Transcript, Word
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from telephony.voice import Voice
from telephony.voices.fault import Fault as VoiceFault
from telephony.voices.silent import SilentVoice
from tests.desks import add_account, cookies, csrf
from tests.models.sample import AT, row

HERE, THERE, COUNTY = "990000100201", "990000200201", "990000000000"
PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """People 1 to 5 on the clerk's side of the wall, 6 beyond; 3 and 4 have answered all."""
    opened = Service.open(Settings(data_dir=tmp_path_factory.mktemp("window")))
    form = kept_form(opened, find_form("person"))
    campaign = Campaign(
        id="c", form=form.form, version=form.version, reference_day=AT.date(), region=COUNTY
    )
    Campaigns(opened.database).create(campaign, by="t", at=AT)
    rows = [*(row(number) for number in range(1, 6)), row(6, region=THERE)]
    Roster(opened.database).keep("c", rows, by="t", at=AT)
    for number in (3, 4):
        case = opened.cases.by_certificate("c", row(number).certificate)
        Respondent(opened, case, MANNERS[0]).answer()
    add_account(opened, "clerk", "clerk", "990000100000")
    add_account(opened, "caller", "caller", "990000100000")
    yield opened
    opened.close()


class Counter:
    """A clerk's browser."""

    def __init__(self, service: Service, login: str = "clerk") -> None:
        self.service = service
        cookie = cookies(service, login)
        self.token = csrf(service, cookie)
        self.client = TestClient(create_app(service), cookies=cookie, headers=PAGE)

    def get(self, path: str) -> str:
        return self.client.get(f"/desk/window{path}").text

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        answer = self.client.post(
            f"/desk/window{path}", data={"csrf": self.token, **fields}, follow_redirects=False
        )
        return answer.status_code, answer.headers.get("location", answer.text)

    def assignment(self, number: int) -> str:
        return self.service.cases.by_certificate("c", row(number).certificate).assignment_id

    def turn(self, number: int) -> dict[str, str]:
        page = self.get(f"/{self.assignment(number)}")
        found = dict(re.findall(r'name="(turn|target|content)" value="([^"]*)"', page))
        return {"turn": found["turn"], "target": found.get("target", "")}


@pytest.fixture
def counter(service: Service) -> Counter:
    return Counter(service)


def test_found_by_the_card_w01(counter: Counter) -> None:
    person = row(1)
    opened = f"/desk/window/{counter.assignment(1)}"
    assert counter.post("", number=person.certificate) == (303, opened)
    assert counter.post("", number=f" 证号:{person.certificate}#") == (303, opened)
    assert counter.post("", name=person.name, last4=person.certificate[16:20]) == (303, opened)
    page = counter.get(f"/{counter.assignment(1)}")
    assert person.name not in page
    assert person.certificate not in page


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("99000019600229001042", "99000019600229001042"),
        ("９９０００0196002290010４2", "99000019600229001042"),
        ("990000 1960 0229 001042 B1", "99000019600229001042B1"),
        ("99000019600229001x42", "99000019600229001X42"),
        ("990000196002290010", "990000196002290010"),
        ("12345", ""),
        ("' OR 1=1 --", ""),
        ("9" * 60, ""),
    ],
)
def test_what_a_scanner_types_w01(text: str, number: str) -> None:
    assert scanned_number(text) == number


def test_beyond_the_wall_is_not_found_w01(counter: Counter) -> None:
    beyond, nobody = row(6), row(9)
    first = counter.post("", number=beyond.certificate)
    second = counter.post("", number=nobody.certificate)
    assert first[0] == second[0] == 404
    assert "没有找到" in first[1]
    assert re.sub("value=.*", "", first[1]) == re.sub("value=.*", "", second[1])
    assert counter.post("", name=beyond.name, last4=beyond.certificate[16:20])[0] == 404
    foreign = counter.assignment(6)
    for path in (f"/{foreign}", f"/{foreign}/sign", f"/{foreign}/photo", f"/{foreign}/form.pdf"):
        assert counter.client.get(f"/desk/window{path}").status_code == 404, path
    assert counter.post(f"/{foreign}", begin="1")[0] == 404
    assert counter.post(f"/{foreign}/sign", content="x")[0] == 404
    assert counter.post("/photo", assignment_id=foreign, remove="1")[0] == 404


def test_name_and_places_belong_together_w01(counter: Counter) -> None:
    assert counter.post("", name=row(1).name, last4="0000")[0] == 404
    assert counter.post("", name=row(1).name)[0] == 422
    assert counter.post("", number="12345")[0] == 422


def test_only_clerks_enter_w01(service: Service) -> None:
    other = Counter(service, "caller")
    assert other.client.get("/desk/window").status_code == 403
    assert other.post("", number=row(1).certificate)[0] == 403
    forged = counter_without_token(service)
    assert forged.post(f"/{forged.assignment(1)}", begin="1")[0] == 409


def counter_without_token(service: Service) -> Counter:
    found = Counter(service)
    found.token = "wrong"
    return found


def test_the_guided_chat_w02(counter: Counter, service: Service) -> None:
    assignment = counter.assignment(1)
    assert "开始问" in counter.get(f"/{assignment}")
    assert counter.post(f"/{assignment}", begin="1", turn="0")[0] == 303
    interview = service.store.interview(assignment)
    assert interview.channel is Channel.WINDOW
    asked = counter.turn(1)
    assert counter.post(f"/{assignment}", **asked, tapped="1")[0] == 303
    length = service.store.interview(assignment).length
    assert length > interview.length
    assert counter.post(f"/{assignment}", **asked, tapped="1")[0] == 303
    code, page = counter.post(f"/{assignment}", **asked, words="别的")
    assert code == 409
    assert "另一块屏幕" in page
    assert service.store.interview(assignment).length == length
    (attempt,) = Attempts(service.database).of(assignment)
    assert (attempt.channel, attempt.staff) == (Channel.WINDOW, "clerk")
    assert counter.post(f"/{assignment}", **counter.turn(1), tapped="later")[0] == 303
    assert "接着问" in counter.get(f"/{assignment}")
    (attempt,) = Attempts(service.database).of(assignment)
    assert attempt.ended_at is not None


def test_who_wanted_somebody_else_may_go_on_here_w02(counter: Counter, service: Service) -> None:
    assignment = counter.assignment(1)
    counter.post(f"/{assignment}", **counter.turn(1), begin="1")
    counter.post(f"/{assignment}", **counter.turn(1), words="找人工")
    assert service.store.interview(assignment).status is Status.WITH_PERSON
    assert "当面接着问" in counter.get(f"/{assignment}")
    assert counter.post(f"/{assignment}", **counter.turn(1), begin="1")[0] == 303
    assert service.store.interview(assignment).status is Status.OPEN
    counter.post(f"/{assignment}", **counter.turn(1), tapped="later")


def test_who_refused_elsewhere_may_come_to_the_window_w02(
    counter: Counter, service: Service
) -> None:
    assignment = counter.assignment(1)
    counter.post(f"/{assignment}", **counter.turn(1), begin="1")
    counter.post(f"/{assignment}", **counter.turn(1), words="别再打了")
    assert service.store.interview(assignment).status is Status.ENDED
    wanted = TaskFilter(assignment=assignment, reason="outcome:N11")
    (task,) = service.reviews.reviews.tasks(wanted)
    assert "来人愿意答的话" in counter.get(f"/{assignment}")
    counter.post(f"/{assignment}", **counter.turn(1), begin="1")
    interview = service.store.interview(assignment)
    assert (interview.status, interview.outcomes) == (Status.OPEN, ())
    assert service.reviews.reviews.task(task.id).status == "superseded"
    counter.post(f"/{assignment}", **counter.turn(1), tapped="later")


def test_what_is_typed_is_never_code_w02(counter: Counter) -> None:
    assignment = counter.assignment(5)
    counter.post(f"/{assignment}", begin="1", turn="0")
    counter.post(f"/{assignment}", **counter.turn(5), words="<script>alert(1)</script>")
    assert "<script>alert" not in counter.get(f"/{assignment}")


def test_the_second_screen_w03(counter: Counter, service: Service) -> None:
    counter.post("/done")
    assert "马上开始" in counter.get("/facing")
    assignment = counter.assignment(2)
    counter.get(f"/{assignment}")
    counter.post(f"/{assignment}", begin="1", turn="0")
    page = counter.get("/facing")
    version = re.findall(r'data-version="([^"]+)"', page)[0]
    assert counter.client.get(f"/desk/window/facing/now?seen={version}").status_code == 204
    asked = counter.turn(2)
    assert f'name="turn" value="{asked["turn"]}"' in page
    code, answered = counter.post("/facing", **asked, tapped="1")
    assert code == 200
    assert f'data-version="{version}"' not in answered
    length = service.store.interview(assignment).length
    assert counter.post("/facing", **asked, tapped="2")[0] == 200
    assert service.store.interview(assignment).length == length
    assert counter.client.get(f"/desk/window/facing/now?seen={version}").status_code == 200
    counter.post("/done")
    assert "马上开始" in counter.get("/facing")


def test_the_second_screen_keeps_nobody_signed_in_w03(counter: Counter, service: Service) -> None:
    moved = datetime.now(UTC) - timedelta(minutes=10)
    with service.database.writing() as connection:
        connection.execute(update(SittingRow).values(seen_at=moved))
    seen = select(SittingRow.seen_at).order_by(SittingRow.begun_at.desc()).limit(1)

    def last() -> datetime:
        with service.database.reading() as connection:
            return connection.execute(seen).scalar_one()

    counter.client.get("/desk/window/facing/now")
    assert last() == moved
    counter.client.get("/desk/window")
    assert last() > moved


class Heard:
    """A recogniser that hears one sentence and knows how much sound it was given."""

    name = "heard"

    def __init__(self, words: str) -> None:
        self.words, self.seconds, self.hints = words, 0.0, Hints()

    async def listen(self, hints: Hints) -> Listening:
        self.hints = hints
        return self

    async def feed(self, chunk: AudioChunk) -> Transcript:
        self.seconds += chunk.seconds
        return self._transcript(self.words[:1])

    async def pause(self) -> Transcript | None:
        return None

    async def finish(self) -> Transcript:
        return self._transcript(self.words)

    async def cancel(self) -> None:
        """Forget it."""

    async def close(self) -> None:
        """Do nothing."""

    def _transcript(self, words: str) -> Transcript:
        return Transcript((Word(words, 0.0, 1.0, 0.9),), final=True)


def speaking(service: Service, heard: Heard, voice: Voice | None = None) -> Counter:
    """Return a counter where somebody hears, and a voice speaks."""
    exchange = ready_exchange(service)
    speaker = Speaker(voice or ToneVoice(0.01))
    exchange.voices = replace(exchange.voices, recogniser=heard, speaker=speaker)
    found = Counter(service)
    cookie = dict(found.client.cookies)
    found.client = TestClient(create_app(service, exchange=exchange), cookies=cookie, headers=PAGE)
    return found


def test_what_is_said_is_written_w07(service: Service) -> None:
    heard = Heard("我就是本人")
    counter = speaking(service, heard)
    assignment = counter.assignment(1)
    counter.post(f"/{assignment}", **counter.turn(1), begin="1")
    assert 'id="speak"' in counter.get(f"/{assignment}")
    origin = {"origin": service.settings.public_url}
    path = f"/desk/window/{assignment}/ear"
    with counter.client.websocket_connect(path, headers=origin) as socket:
        socket.send_json({"event": "start", "rate": 16_000})
        socket.send_bytes(bytes(2 * 1_600))
        assert socket.receive_json() == {"event": "partial", "words": "我"}
        socket.send_json({"event": "stop"})
        assert socket.receive_json() == {"event": "final", "words": "我就是本人"}
    assert heard.seconds == pytest.approx(0.1)
    assert heard.hints.phrases
    other = {"origin": "https://elsewhere.example"}
    foreign = f"/desk/window/{counter.assignment(6)}/ear"
    for address, headers in ((path, other), (foreign, origin), ("/desk/window/x/ear", origin)):
        with (
            pytest.raises(WebSocketDisconnect),
            counter.client.websocket_connect(address, headers=headers) as socket,
        ):
            socket.receive_json()


def spoken(counter: Counter, path: str, seconds: float = 0.1) -> None:
    """Say something, and let all of it be heard."""
    origin = {"origin": counter.service.settings.public_url}
    with counter.client.websocket_connect(path, headers=origin) as socket:
        socket.send_json({"event": "start", "rate": 16_000})
        socket.send_bytes(bytes(2 * int(16_000 * seconds)))
        socket.send_json({"event": "stop"})
        with suppress(WebSocketDisconnect):
            while True:
                socket.receive_json()


def kept_sounds(service: Service) -> dict[str, float]:
    """Return the seconds of sound that are kept of each turn at the window."""
    wanted = select(ClipRow.utterance).where(ClipRow.utterance.startswith("window:"))
    with service.database.reading() as connection:
        names = connection.scalars(wanted).all()
    clips = [Clips(service.database).get(name) for name in names]
    return {one.utterance: unpacked(one.sound, one.format, one.rate).seconds for one in clips}


def test_sound_is_kept_of_whoever_agrees_w09(service: Service) -> None:
    heard = Heard("我就是本人")
    counter = speaking(service, heard)
    assignment, agreed = counter.assignment(5), f"/{counter.assignment(5)}/sound"
    path = f"/desk/window/{assignment}/ear"
    counter.post(f"/{assignment}", **counter.turn(5), begin="1")
    spoken(counter, path)
    assert kept_sounds(service) == {}, "nobody has agreed yet"
    assert counter.post(agreed, agreed="nobody")[0] == 422
    assert counter.post(f"/{counter.assignment(6)}/sound", agreed="self")[0] == 404
    assert counter.post(agreed, agreed="proxy") == (303, f"/desk/window/{assignment}#sound")
    assert "代答人同意留下" in counter.get(f"/{assignment}")
    spoken(counter, path)
    spoken(counter, path, 0.2)
    counter.post(f"/{assignment}", **counter.turn(5), words="我就是本人")
    answer = service.store.interview(assignment).answers["A1"]
    assert kept_sounds(service) == {answer.heard.utterance: pytest.approx(0.5)}
    words = Clips(service.database).words(answer.heard.utterance)
    assert words is not None
    assert [(one.text, one.start) for one in words] == [
        ("我就是本人", 0.0),
        ("我就是本人", pytest.approx(0.3)),
    ]
    heard.words = ""
    spoken(counter, path)
    assert len(kept_sounds(service)) == 1, "where no word was heard nothing is kept"
    heard.words = "等一下"
    spoken(counter, path)
    assert len(kept_sounds(service)) == 2
    counter.post("/done")
    assert list(kept_sounds(service)) == [answer.heard.utterance], "a question left open"
    counter.post(agreed, agreed="withdraw")
    assert kept_sounds(service) == {}
    spoken(counter, path)
    assert kept_sounds(service) == {}
    actions = select(AuditRow.action).where(AuditRow.object == assignment)
    with service.database.reading() as connection:
        noted = [one for one in connection.scalars(actions) if one.startswith("sound.")]
    assert noted == ["sound.agree", "sound.withdraw"]


def test_nobody_hears_without_a_model_w07(counter: Counter) -> None:
    assert 'id="speak"' not in counter.get(f"/{counter.assignment(1)}")
    path = f"/desk/window/{counter.assignment(1)}/ear"
    origin = {"origin": counter.service.settings.public_url}
    with counter.client.websocket_connect(path, headers=origin) as socket:
        told = socket.receive_json()
    assert told["event"] == "error"
    assert "models fetch" in told["message"]


def events(counter: Counter, seen: str = "") -> list[tuple[str, str]]:
    """Return the screens of one stream, each with its name."""
    answer = counter.client.get("/desk/window/facing/stream", headers={"last-event-id": seen})
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = re.findall(r"id: (\S+)\nevent: screen\ndata: (.+)\n", answer.text)
    return [(name, str(json.loads(data))) for name, data in found]


def test_screens_come_as_events_w08(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facing_routes, "_LASTS", 0.6)
    counter = speaking(service, Heard(""))
    assignment = counter.assignment(2)
    counter.post(f"/{assignment}", **counter.turn(2), begin="1")
    [(name, page)] = events(counter)
    assert f'data-version="{name}"' in page
    assert events(counter, name) == []
    sound = counter.client.get("/desk/window/facing/sound")
    assert sound.headers["content-type"] == "audio/wav"
    assert sound.content.startswith(b"RIFF")
    silent = SilentVoice(VoiceError(VoiceFault.NOT_INSTALLED, name="kokoro"))
    without = speaking(service, Heard(""), silent)
    assert without.client.get("/desk/window/facing/sound").status_code == 404
    counter.post("/done")
    assert events(counter, name)[0][0].startswith("-nobody")
    assert counter.client.get("/desk/window/facing/sound").status_code == 404
    Sittings(service.database).end(dict(counter.client.cookies)[COOKIE])
    over = counter.client.get("/desk/window/facing/stream", follow_redirects=False)
    assert over.status_code == 303


def jpeg(side: int = 2_000, **more: Image.Exif) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side // 2), "teal").save(out, "JPEG", **more)
    return out.getvalue()


def post_photo(counter: Counter, raw: bytes, **fields: str) -> int:
    return send_photo(counter, raw, **fields)[0]


def send_photo(counter: Counter, raw: bytes, **fields: str) -> tuple[int, str]:
    answer = counter.client.post(
        "/desk/window/photo",
        data={"csrf": counter.token, "assignment_id": counter.assignment(2), **fields},
        files={"photo": ("<b>.jpg", raw, "image/jpeg")},
        follow_redirects=False,
    )
    return answer.status_code, answer.text


def test_a_photograph_w04(counter: Counter, service: Service) -> None:
    place = Image.Exif()
    place[0x010F] = "CameraOfSomebody"
    raw = jpeg(exif=place)
    path = f"/desk/window/{counter.assignment(2)}/photo"
    assert post_photo(counter, raw) == 422
    assert counter.client.get(path).status_code == 404
    assert post_photo(counter, raw, agreed="self") == 303
    kept = counter.client.get(path)
    assert kept.headers["content-type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(kept.content)).size) == 1_600
    assert b"CameraOfSomebody" not in kept.content
    with sqlite3.connect(service.settings.data_dir / "tingwen.db") as beside:
        ((sealed,),) = beside.execute("SELECT image FROM photo")
    beside.close()
    assert b"JFIF" not in sealed
    assert post_photo(counter, raw, agreed="proxy") == 303
    with service.database.reading() as connection:
        assert list(connection.scalars(select(PhotoRow.agreed_by))) == ["proxy"]
    counter.post("/photo", assignment_id=counter.assignment(2), remove="1")
    assert counter.client.get(path).status_code == 404


@pytest.mark.parametrize("raw", [b"", b"GIF89a", b"<svg/>", jpeg()[:400], b"\xff\xd8\xff" * 50])
def test_no_photograph_w04(raw: bytes) -> None:
    with pytest.raises(WindowError):
        photograph(raw)


def test_too_large_a_photograph_w04(counter: Counter) -> None:
    for many in (8 * 1024 * 1024 + 1, 9 * 1024 * 1024):
        code, page = send_photo(counter, b"x" * many, agreed="self")
        assert code == 413
        assert "8 MB 以内" in page


def strokes(size: tuple[int, int] = (560, 180)) -> str:
    """Return a signature as a browser sends it."""
    image = Image.new("RGBA", size)
    pen = ImageDraw.Draw(image)
    pen.line([(20, 90), (200, 40), (300, 150), (500, 60)], fill="black", width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


def content_of(counter: Counter, number: int) -> str:
    page = counter.get(f"/{counter.assignment(number)}/sign")
    return str(re.findall(r'name="content" value="([0-9a-f]{64})"', page)[0])


needs_font = pytest.mark.skipif(
    not any(Path(one).is_file() for one in FONTS),
    reason="no font with hanzi is installed: install fonts-noto-cjk",
)


def printed_again(service: Service, assignment: str, form: SignedForm) -> bytes:
    """Print what was signed once more, from the answers and the strokes alone."""
    case = service.cases.get(assignment)
    paper = Paper.of(case, service.store.interview(assignment))
    assert paper.content == form.content
    printer = Printer(font_file(service.settings.print_font), service.settings.organisation)
    person, clerk = (Signature(one, drawn(strokes())) for one in (case.name, "试用clerk"))
    return printer.print(paper, person, clerk, form.at.replace(microsecond=0))


@needs_font
def test_both_sign_w05_w06(counter: Counter, service: Service) -> None:
    path, person = f"/{counter.assignment(3)}/sign", row(3)
    read = counter.get(path)
    assert f"{person.name}（回答的人：本人）" in read
    assert person.certificate in read
    before = counter.get(f"/{counter.assignment(3)}")
    assert person.name not in before
    assert person.certificate not in before
    drawn_both = {"drawing": strokes(), "clerk_drawing": strokes()}
    content = content_of(counter, 3)
    assert counter.post(path, content="0" * 64, **drawn_both)[0] == 422
    assert counter.post(path, content=content, drawing=strokes())[0] == 422
    assert counter.post(path, content=content, clerk_drawing=strokes())[0] == 422
    assert Window(service.database).signed(counter.assignment(3)) is None
    assert counter.post(path, content=content, **drawn_both)[0] == 303
    form = Window(service.database).signed(counter.assignment(3))
    assert form is not None
    printed = counter.client.get(f"/desk/window/{counter.assignment(3)}/form.pdf")
    assert printed.content.startswith(b"%PDF")
    assert (sm3(printed.content), sha256(printed.content)) == (form.sm3, form.sha256)
    for sign in (b"/Lang", b"/DisplayDocTitle true", b"/Outlines"):
        assert sign in printed.content
    assert sm3(printed_again(service, counter.assignment(3), form)) == form.sm3
    page = counter.get(path)
    assert form.sm3.hex() in page
    assert "没有改动，内容与现在的答案一致" in page
    with service.database.reading() as connection:
        actions = list(connection.scalars(select(AuditRow.action)))
    assert {"form.read", "form.sign", "form.print"} <= set(actions)


@needs_font
def test_a_proxy_signs_with_relation_w05(counter: Counter, service: Service) -> None:
    path, content = f"/{counter.assignment(4)}/sign", content_of(counter, 4)
    typed = {"content": content, "way": "typed", "clerk_way": "typed"}
    assert counter.post(path, **typed)[0] == 422
    assert counter.post(path, **typed, name="别人")[0] == 422
    assert counter.post(path, **typed, signer="proxy", name="李监护")[0] == 422
    assert counter.post(path, **typed, signer="proxy", relation="母亲")[0] == 422
    assert counter.post(path, **typed, signer="proxy", name="李监护", relation="母亲")[0] == 303
    assert "李监护（代），母亲" in counter.get(path)
    assert counter.post(path, **typed, name=f" {row(4).name} ")[0] == 303
    form = Window(service.database).signed(counter.assignment(4))
    assert form is not None
    assert form.signer == "self"


@needs_font
def test_a_changed_print_or_answer_shows_w06(counter: Counter, service: Service) -> None:
    path, mine = f"/{counter.assignment(4)}/sign", counter.assignment(4)
    row_ = SignedFormRow
    kept = Window(service.database).signed(mine)
    assert kept is not None

    def changed(**values: bytes) -> None:
        """Change a row that the database holds fast, as whoever owns the file could."""
        with service.database.writing() as connection:
            connection.execute(update(row_).where(row_.assignment_id == mine).values(**values))

    with pytest.raises(ConstraintError, match="written once"):
        changed(print=kept.print + b"%")
    with service.database.writing() as connection:
        connection.execute(text("DROP TRIGGER signed_form_no_update"))
    changed(print=kept.print + b"%")
    assert "打印件被改动" in counter.get(path)
    changed(print=kept.print, content=sm3(json_bytes("other answers")))
    assert "要重签" in counter.get(path)
    changed(content=kept.content)
    assert "一致" in counter.get(path)


def test_long_numbers_are_masked_before_w05(counter: Counter, service: Service) -> None:
    telephone = service.store.interview(counter.assignment(3)).answers["A6"].value
    assert len(telephone) == 11
    page = counter.get(f"/{counter.assignment(3)}")
    assert telephone not in page
    assert f"＊＊{telephone[-4:]}" in page


def test_of_a_number_with_a_letter_only_the_end_is_shown_w05() -> None:
    number = Entry(name="A2", label="残疾人证号", value="99000019800101004X43")
    assert number.masked == "＊＊4X43"


def test_not_before_the_end_w05(counter: Counter) -> None:
    path = f"/{counter.assignment(1)}/sign"
    assert counter.client.get(f"/desk/window{path}").status_code == 409
    code, page = counter.post(path, content="0" * 64, way="typed", clerk_way="typed", name="x")
    assert code == 409
    assert "还没有答完" in page


@pytest.mark.parametrize(
    "address",
    [
        "",
        "data:image/png;base64,",
        "data:image/png;base64,AAAA",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "https://example.org/signature.png",
        strokes((4_000, 180)),
    ],
)
def test_no_signature_w05(address: str) -> None:
    with pytest.raises(WindowError):
        drawn(address)


def test_an_empty_pad_is_no_signature_w05() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (560, 180)).save(out, "PNG")
    with pytest.raises(WindowError):
        drawn(f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}")


def test_without_a_font_w06() -> None:
    with pytest.raises(WindowError, match="fonts-noto-cjk"):
        font_file("/nowhere/font.ttc")
