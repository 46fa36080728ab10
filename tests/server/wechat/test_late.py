"""What does not fit into five seconds, and what is sent.

L01 a voice message is heard by us, taken like words and kept as evidence; L02 what WeChat heard is
a hint that has to be tapped; L03 a slow answer is sent afterwards, once; L04 what was left behind
by a lost process is taken up; L05 codes of the interface have their remedies; L06 tokens are kept
and fetched anew; L07 nobody is written to after 48 hours or when they left; L08 long replies come
in parts; L09 menu and tickets by the command; L10 the link to the rest of a call arrives in WeChat
and opens the interview where the call stopped; L11 one that WeChat refuses for good goes as a text
message, once, and not where it may have arrived.
"""

import io
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from models.attempt import Attempts
from models.clip import Clips
from models.invitation import Invitations, Way
from models.opt_out import OptOuts
from models.outbox import Outbox, Outgoing
from models.tables import OptOutRow, OutboxRow, WechatMessageRow
from models.wechat_contact import contact_key
from server.cli import assembled
from server.inviting import Inviter
from server.service import Service
from server.settings import Settings
from server.telephone.text_postman import TextPostman
from server.wechat import sentences
from server.wechat.api import WechatApi as OurApi
from server.wechat.desk import utterance_id
from server.wechat.fault import ApiError, Fault, SoundError
from server.wechat.postman import Postman
from server.wechat.reply import LONGEST, parts
from server.wechat.voice import decoded
from survey_engine.channel import Channel
from telephony.recognisers.scripted import ScriptedRecogniser
from tests.models.sample import row
from tests.server.wechat.account import APP_ID, SECRET, Sender, WechatApi
from tests.server.wechat.conftest import PATIENT, Account, open_account, prepared
from tests.telephony.paper_line import PaperCarrier


def amr(seconds: float = 1.0) -> bytes:
    """Return a tone as AMR narrow band, as telephones record it."""
    out = io.BytesIO()
    times = np.arange(int(8_000 * seconds)) / 8_000
    samples = (8_000 * np.sin(2 * np.pi * 300 * times)).astype(np.int16)
    with av.open(out, "w", format="amr") as container:
        stream = container.add_stream("libopencore_amrnb", rate=8_000, layout="mono")
        stream.bit_rate = 12_200
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.rate, frame.time_base, frame.pts = 8_000, Fraction(1, 8_000), 0
        fifo = av.AudioFifo()
        fifo.write(frame)
        while (piece := fifo.read(160)) is not None:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return out.getvalue()


@pytest.fixture(scope="module")
def recogniser() -> ScriptedRecogniser:
    return ScriptedRecogniser(["本人"])


@pytest.fixture(scope="module")
def hearing(
    settings: Settings, api: WechatApi, recogniser: ScriptedRecogniser, tmp_path_factory: Any
) -> Iterator[Account]:
    """An account that has a recogniser of ours; its own work in the background rests."""
    folder = tmp_path_factory.mktemp("hearing")
    service = Service.open(settings.model_copy(update={"data_dir": folder}))
    prepared(service)
    yield from open_account(service, api, recogniser, resting=True)


def test_a_voice_message_is_heard_l01(
    hearing: Account, api: WechatApi, recogniser: ScriptedRecogniser
) -> None:
    somebody = Sender("oSpeaking-0001")
    hearing.bind(somebody, 1)
    api.media["m1"] = amr()
    sent = somebody.voice("m1", recognition="胡说。")
    assert hearing.post(sent) == (200, "")
    assert recogniser.heard == []
    hearing.work_off()
    assert hearing.last_words(1) == "本人"
    assert len(api.texts()) == 1
    assert recogniser.heard[0] == pytest.approx(1.0, abs=0.1)
    last = hearing.service.chat.talk.latest(hearing.case(1).assignment_id, 1)[0]
    clip = Clips(hearing.service.database).get(utterance_id(bytes.fromhex(last.external_id)))
    assert len(clip.sound) == pytest.approx(16_000, rel=0.1)
    assert "".join(word.text for word in clip.words) == "本人"
    assert hearing.said(sent) == api.texts()[0]
    assert hearing.work_off() == 0


def test_nothing_heard_is_told_and_never_taken_l02(hearing: Account, api: WechatApi) -> None:
    somebody = Sender("oNotHeard-0001")
    hearing.bind(somebody, 2)
    before = hearing.service.store.interview(hearing.case(2).assignment_id).length
    hearing.post(somebody.voice("gone"))
    hearing.work_off()
    assert api.texts() == [sentences.NOT_HEARD]
    api.media["noise"] = b"RIFF no sound at all"
    hearing.post(somebody.voice("noise", recognition="没有。"))
    hearing.work_off()
    hint = api.texts()[-1]
    assert "“没有”" in hint
    assert "msgmenuid=hint" in hint
    assert hearing.service.store.interview(hearing.case(2).assignment_id).length == before


def test_without_a_recogniser_of_ours_l02(account: Account, api: WechatApi) -> None:
    somebody = Sender("oNoEars-000001")
    assert sentences.VOICE_FIRST_TYPE in account.said(somebody.voice("m"))
    account.bind(somebody, 1)
    before = account.service.store.interview(account.case(1).assignment_id).length
    assert "“没有”" in account.said(somebody.voice("m", recognition="没有。"))
    assert account.said(somebody.voice("m")) == sentences.NOT_HEARD
    assert account.said(somebody.voice("m", recognition="<a>")) == sentences.NOT_HEARD
    assert account.service.store.interview(account.case(1).assignment_id).length == before


@pytest.mark.parametrize("sound", [b"", b"#!AMR\n", b"#!AMR\n" + b"\xff" * 90, b"\0" * 500, b"x"])
def test_bad_sound_l02(sound: bytes) -> None:
    with pytest.raises(SoundError):
        decoded(sound)


def test_a_long_message_is_cut_l02() -> None:
    assert decoded(amr(95)).seconds < 92


def test_a_slow_answer_is_sent_afterwards_l03(hearing: Account, api: WechatApi) -> None:
    """Nothing can be slower than a front without patience is quick."""
    somebody = Sender("oSlowAnswer-01")
    hearing.bind(somebody, 3)
    length = hearing.service.store.interview(hearing.case(3).assignment_id).length
    sent = somebody.text("你们是谁")
    object.__setattr__(hearing.front, "patience", 0.0)
    try:
        assert hearing.post(sent) == (200, "")
    finally:
        object.__setattr__(hearing.front, "patience", PATIENT)
    until = time.monotonic() + 60
    while not api.texts() and time.monotonic() < until:
        hearing.work_off()
    assert len(api.texts()) == 1
    assert hearing.service.store.interview(hearing.case(3).assignment_id).length > length
    assert hearing.said(sent) == api.texts()[0]
    hearing.work_off()
    assert len(api.texts()) == 1


def test_what_a_lost_process_left_is_taken_up_l04(hearing: Account, api: WechatApi) -> None:
    somebody = Sender("oLeftBehind-01")
    hearing.bind(somebody, 4)
    said = hearing.said(somebody.text("你们是谁"))
    length = hearing.service.store.interview(hearing.case(4).assignment_id).length
    lost = update(WechatMessageRow).where(
        WechatMessageRow.contact == contact_key(hearing.service.database.keys, somebody.open_id)
    )
    past = hearing.front.clock() - timedelta(minutes=5)
    with hearing.service.database.writing() as connection:
        connection.execute(lost.values(reply=None, taken_until=past))
    hearing.work_off()
    assert said in api.texts()
    assert hearing.service.store.interview(hearing.case(4).assignment_id).length == length


def outgoing(account: Account, sender: Sender, number: int, text: str) -> None:
    contact = contact_key(account.service.database.keys, sender.open_id).hex()
    body = json.dumps({"contact": contact, "text": text})
    message = Outgoing(channel="wechat", body=body)
    now = account.front.clock()
    Outbox(account.service.database).send(account.case(number).assignment_id, [message], now)


def states(account: Account, number: int) -> list[str]:
    mine = OutboxRow.assignment_id == account.case(number).assignment_id
    wanted = select(OutboxRow.status).where(mine).order_by(OutboxRow.created_at)
    with account.service.database.reading() as connection:
        return list(connection.scalars(wanted))


@pytest.mark.parametrize(
    ("errcode", "state"),
    [
        (-1, "waiting"), (45009, "waiting"), (45011, "waiting"), (45015, "failed"),
        (45047, "failed"), (48001, "failed"), (43004, "failed"), (48002, "failed"),
    ],
)  # fmt: skip
def test_codes_have_their_remedies_l05(
    hearing: Account, api: WechatApi, errcode: int, state: str
) -> None:
    somebody = Sender(f"oRemedies-{errcode}")
    hearing.bind(somebody, 5)
    outgoing(hearing, somebody, 5, "请接着答")
    api.errcodes[:] = [errcode]
    hearing.work_off()
    assert states(hearing, 5)[-1] == state
    people = hearing.front.parts.people
    contact = people.get(contact_key(hearing.service.database.keys, somebody.open_id))
    assert contact is not None
    assert contact.follows is (errcode not in (43004, 48002))


def test_an_interface_that_is_down_l05(hearing: Account, api: WechatApi) -> None:
    somebody = Sender("oInterfaceDown")
    hearing.bind(somebody, 6)
    outgoing(hearing, somebody, 6, "请接着答")
    api.down = True
    hearing.work_off()
    assert states(hearing, 6) == ["waiting"]


@pytest.mark.parametrize("stable", [True, False])
@pytest.mark.parametrize("errcode", [40001, 42001, 40014])
def test_tokens_l06(api: WechatApi, errcode: int, stable: bool) -> None:
    api.stable, before = stable, api.tokens
    ours = OurApi(APP_ID, SECRET, api.base)
    ours.send_text("o1", "一")
    fetched = api.tokens
    ours.send_text("o1", "二")
    assert api.tokens == fetched
    api.errcodes[:] = [errcode, 0]
    ours.send_text("o1", "三")
    assert api.tokens == fetched + 1 > before
    api.errcodes[:] = [errcode, errcode]
    with pytest.raises(ApiError) as caught:
        ours.send_text("o1", "四")
    assert caught.value.errcode == errcode
    assert SECRET not in str(caught.value)
    ours.close()


def test_tokens_end_l06(api: WechatApi) -> None:
    now = 0.0
    ours = OurApi(APP_ID, SECRET, api.base, clock=lambda: now)
    api.stable = False
    ours.send_text("o1", "一")
    fetched = api.tokens
    now = 7_200 - 299
    ours.send_text("o1", "二")
    assert api.tokens == fetched + 1
    ours.close()


def test_wrong_secrets_and_no_server_l06(api: WechatApi) -> None:
    for ours in (
        OurApi(APP_ID, "wrong", api.base),
        OurApi("", "", api.base),
        OurApi(APP_ID, SECRET, "http://127.0.0.1:1"),
    ):
        with pytest.raises(ApiError):
            ours.send_text("o1", "一")
        ours.close()


def test_nobody_is_written_to_after_48_hours_l07(hearing: Account, api: WechatApi) -> None:
    somebody = Sender("oAfterTwoDays1")
    hearing.bind(somebody, 7)
    outgoing(hearing, somebody, 7, "太晚了")
    clock = hearing.front.clock
    later = clock() + timedelta(hours=48, seconds=1)
    hearing.front.parts.postman.send_due(later)
    assert states(hearing, 7)[-1] == "failed"
    outgoing(hearing, somebody, 7, "还来得及")
    hearing.front.parts.postman.send_due(clock() + timedelta(hours=47))
    assert states(hearing, 7)[-1] == "sent"
    assert "还来得及" in api.texts()
    assert "太晚了" not in api.texts()


def test_nobody_is_written_to_who_left_l07(hearing: Account, api: WechatApi) -> None:
    somebody = Sender("oWhoHasLeft-01")
    hearing.bind(somebody, 8)
    hearing.post(somebody.event("unsubscribe"))
    outgoing(hearing, somebody, 8, "已经走了")
    hearing.work_off()
    assert states(hearing, 8)[-1] == "failed"
    assert "已经走了" not in api.texts()


def test_the_link_to_the_rest_of_a_call_l10(hearing: Account, api: WechatApi) -> None:
    somebody, case = Sender("oAfterACall001"), hearing.case(5)
    hearing.bind(somebody, 5)
    service, now = hearing.service, hearing.front.clock()
    attempt = Attempts(service.database).begin(case.assignment_id, Channel.DESK, now)
    inviter = Inviter(service.database, service.settings, texts=False)
    assert inviter.send(case, attempt.id, "caller", now) is Way.WECHAT
    assert inviter.send(case, attempt.id, "caller", now) is None
    hearing.work_off()
    hearing.work_off()
    (text,) = [one for one in api.texts() if "/chat/" in one]
    found = re.search(r"/chat/([\w.-]+)", text)
    assert found is not None
    page = hearing.client.post(f"/chat/{found[1]}", data={"begin": "yes"})
    assert page.status_code == 200
    assert service.store.interview(case.assignment_id).channel is Channel.CHAT
    again = Attempts(service.database)
    again.end(attempt.id, outcome="N12", aapor="2.12", at=now)
    another = again.begin(case.assignment_id, Channel.DESK, now)
    assert inviter.send(case, another.id, "", now) is Way.WECHAT
    opted = {"assignment_id": case.assignment_id, "person_id": None, "telephone_index": None}
    with service.database.writing() as connection:
        connection.execute(insert(OptOutRow).values(**opted, said_at=now))
    hearing.work_off()
    assert len([one for one in api.texts() if "/chat/" in one]) == 1
    assert states(hearing, 5)[-1] == "failed"


@pytest.mark.parametrize("errcode", [45015, 43004, 45047, 40003, 48001])
def test_a_link_that_wechat_refuses_for_good_goes_as_a_text_l11(
    hearing: Account, api: WechatApi, errcode: int
) -> None:
    link, sent = Link(hearing, 6, name=f"oRefused{errcode}"), list[tuple[str, str]]()
    api.errcodes = [errcode]
    hearing.work_off()
    assert link.ways()[-1] == ("sms", "waiting")
    link.text(sent)
    link.text(sent)
    [(to, words)] = sent
    assert to == f"+86{hearing.case(6).telephone}"
    assert "/chat/" in words
    assert link.ways()[-1] == ("sms", "sent")
    assert link.send() is None, "still once in one call"
    link.end()


def test_a_link_goes_no_other_way_where_it_may_have_arrived_or_cannot_l11(
    hearing: Account, api: WechatApi
) -> None:
    refused = Link(hearing, 7, texts=False)
    api.errcodes = [45015]
    hearing.work_off()
    assert refused.ways()[-1] == ("wechat", "failed")
    silent = Link(hearing, 8)
    silent.postman(SilentApi()).send_due(hearing.front.clock() + timedelta(seconds=1))
    assert silent.ways()[-1] == ("wechat", "waiting")
    with hearing.service.database.writing() as connection:
        mine = OutboxRow.assignment_id == hearing.case(8).assignment_id
        connection.execute(update(OutboxRow).where(mine).values(tries=5))
    silent.postman(SilentApi()).send_due(hearing.front.clock() + timedelta(hours=1))
    assert silent.ways()[-1] == ("wechat", "failed")
    left = Link(hearing, 6, name="oRefusedLeft1")
    hearing.post(left.sender.event("unsubscribe"))
    hearing.work_off()
    assert left.ways()[-1] == ("sms", "waiting")
    with hearing.service.database.writing() as connection:
        no = {"person_id": None, "telephone_index": None, "said_at": hearing.front.clock()}
        connection.execute(
            insert(OptOutRow).values(assignment_id=hearing.case(6).assignment_id, **no)
        )
    sent: list[tuple[str, str]] = []
    left.text(sent)
    assert sent == []
    assert left.ways()[-1] == ("sms", "failed")


class SilentApi:
    """An interface that does not answer."""

    def send_text(self, open_id: str, text: str) -> None:
        raise ApiError(Fault.API_UNREACHABLE, what="消息", reason="ReadTimeout")


class Link:
    """A link to the rest of a call, for somebody in WeChat."""

    def __init__(
        self, account: Account, number: int, *, texts: bool = True, name: str = ""
    ) -> None:
        self.account, self.case = account, account.case(number)
        self.sender = Sender(name or f"oRefusedLink{number:02d}")
        account.bind(self.sender, number)
        self.database, now = account.service.database, account.front.clock()
        self.attempt = Attempts(self.database).begin(self.case.assignment_id, Channel.DESK, now)
        self.inviter = Inviter(self.database, account.service.settings, texts=texts)
        assert self.send() is Way.WECHAT

    def send(self) -> Way | None:
        now = self.account.front.clock()
        return self.inviter.send(self.case, self.attempt.id, "caller", now)

    def end(self) -> None:
        now = self.account.front.clock()
        Attempts(self.database).end(self.attempt.id, outcome="N12", aapor="2.12", at=now)

    def ways(self) -> list[tuple[str, str]]:
        found = Invitations(self.database).of(self.case.assignment_id)
        return [(one.way.value, one.state) for one in found]

    def postman(self, api: SilentApi) -> Postman:
        mine = self.account.front.parts.postman
        return replace(mine, api=api)  # type: ignore[arg-type]

    def text(self, sent: list[tuple[str, str]]) -> None:
        """Send the text messages that are due, as the exchange does."""

        class Sending(PaperCarrier):
            def text(self, to: str, words: str) -> str:
                sent.append((to, words))
                return "SM1"

        postman = TextPostman(Outbox(self.database), OptOuts(self.database), Sending(), "t")
        postman.send_due(self.account.front.clock() + timedelta(seconds=1))


@pytest.mark.parametrize("text", ["一" * 5_000, "一二三\n" * 900, "短", "👩‍👩‍👧" * 700, ""])
def test_long_replies_come_in_parts_l08(text: str) -> None:
    found = parts(text)
    assert all(len(one.encode()) <= LONGEST for one in found)
    assert "".join(found).replace("\n", "") == text.replace("\n", "")


def test_menu_and_tickets_l09(
    account: Account, api: WechatApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {
        "TINGWEN_DATA_DIR": str(settings.data_dir),
        "TINGWEN_WECHAT_APP_ID": APP_ID,
        "TINGWEN_WECHAT_APP_SECRET": SECRET,
        "TINGWEN_WECHAT_API_BASE": api.base,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    run = CliRunner()
    assert run.invoke(assembled("wechat"), ["wechat", "menu"]).exit_code == 0
    path, menu = api.asked[-1]
    assert path == "/cgi-bin/menu/create"
    assert [one["name"] for one in menu["button"]] == ["接着答", "这一题", "找人"]
    arguments = ["--campaign", "c", "--person", row(2).certificate, "--qr", "--json"]
    told = run.invoke(assembled("wechat"), ["wechat", "ticket", *arguments])
    made = json.loads(told.output)
    assert made["address"] == "http://weixin.qq.com/q/x"
    assert account.said(Sender("oByCommand-001").text(made["ticket"])).startswith(sentences.FOUND)
