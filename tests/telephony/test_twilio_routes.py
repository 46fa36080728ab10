"""The webhooks and the media socket over real connections.

W01 a call from ``tingwen call`` to the hang-up, through a REST server, signed webhooks and a real
WebSocket; W02 whatever is not signed for our address is refused before anything else; W03 odd
forms; W04 sockets that may not be here; W05 status reports in any order; W06 a flood, a broken
message and a dropped line end that call only; W07 somebody calls the county's number; W08
their answers are recorded as in any call; W09 of two calls at once from one number one is
the person's, and the other has to say who it is.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest
from typer.testing import CliRunner
from websockets.exceptions import InvalidStatus

from models.attempt import Attempt, Attempts
from models.campaign import Campaigns
from server.app import create_app
from server.cli import assembled
from server.service import Service
from server.telephone.dialler import international
from server.telephone.exchange import Exchange, Voices
from server.telephone.ready import carrier_of
from survey_engine.channel import Channel
from survey_engine.interview import Status
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.models.sample import number
from tests.telephony import twilio_messages as said
from tests.telephony.carrier import SimulatedCarrier, served, signature
from tests.telephony.coded_speech import CodedRecogniser, spoken
from tests.telephony.county import CAMPAIGN, TOKEN, county, person, spoken_digits
from tests.telephony.quick_activity import QuickActivity
from tests.telephony.simulator import Telephone, connect
from tests.telephony.twilio_api import Form, TwilioApi, twilio_api

PUBLIC = "https://survey.example.org"


@dataclass
class Place:
    """A running service, the carrier that calls it, and its REST interface."""

    service: Service
    exchange: Exchange
    carrier: SimulatedCarrier
    api: TwilioApi

    def dial(self, index: int = 0) -> tuple[str, str, str]:
        """Call somebody from the command line; return the call and where to report to."""
        runner = CliRunner()
        order = ["call", "--campaign", CAMPAIGN, "--person", number(index), "--json"]
        result = runner.invoke(assembled("call"), order, env=self.environment)
        assert result.exit_code == 0, result.output
        form = self.api.asked[-1][2]
        voice, status = form["Url"][0], form["StatusCallback"][0]
        sid = json.loads(result.output)["call"]
        return sid, voice.removeprefix(PUBLIC), status.removeprefix(PUBLIC)

    @property
    def environment(self) -> dict[str, str]:
        settings = self.service.settings
        return {
            "TINGWEN_DATA_DIR": str(settings.data_dir),
            "TINGWEN_PUBLIC_URL": PUBLIC,
            "TINGWEN_TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
            "TINGWEN_TWILIO_AUTH_TOKEN": TOKEN,
            "TINGWEN_TWILIO_NUMBER": settings.twilio_number,
            "TINGWEN_TWILIO_API_BASE": self.api.base,
            "TINGWEN_CALLS_PER_SECOND": "1000",
            "TINGWEN_TRIES_A_DAY": "1000",
            "TINGWEN_TRIES_A_WEEK": "1000",
        }

    def attempts(self, index: int = 0) -> tuple[Attempt, ...]:
        mine = person(self.service, index).assignment_id
        return Attempts(self.service.database).of(mine)

    async def settled(self) -> None:
        for _ in range(1_200):
            if not self.exchange.live:
                return
            await asyncio.sleep(0.05)


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


Work = Callable[[Place], Coroutine[Any, Any, None]]


@pytest.fixture
def at_work(tmp_path: Path, api: TwilioApi) -> Iterator[Callable[[Work], None]]:
    """Runs something against a service that is up."""
    with county(tmp_path, public_url=PUBLIC, twilio_api_base=api.base) as service:

        def run(work: Work) -> None:
            async def up() -> None:
                async with place(service, api) as running:
                    await work(running)

            asyncio.run(up())

        yield run


@asynccontextmanager
async def place(service: Service, api: TwilioApi) -> AsyncIterator[Place]:
    voices = Voices(Speaker(ToneVoice(0.004)), CodedRecogniser(), QuickActivity)
    exchange = Exchange(service, carrier_of(service.settings), voices)
    async with served(create_app(service, exchange=exchange)) as address:
        yield Place(service, exchange, SimulatedCarrier(address, PUBLIC, TOKEN), api)


def test_a_call_from_the_command_to_the_hang_up_w01(at_work: Callable[[Work], None]) -> None:
    async def work(at: Place) -> None:
        sid, voice, status = await asyncio.to_thread(at.dial)
        form: Form = at.api.asked[-1][2]
        assert form["To"][0].startswith("+8615423")
        digits = spoken_digits(person(at.service).facts()["last4"])
        telephone = Telephone(call=sid)

        async def human(telephone: Telephone) -> None:
            for words in ("我就是本人", digits, "对", "不同意"):
                await telephone.next_question(len(telephone.prompts))
                telephone.say(spoken(words, 0.4))
            await telephone.next_question(len(telephone.prompts))
            telephone.press("1")
            await telephone.next_question(len(telephone.prompts))
            telephone.say(spoken("别再打来了", 0.4))

        await at.carrier.report(status, sid, CallStatus="ringing", SequenceNumber="1")
        await at.carrier.stream(await at.carrier.answer(voice, sid), telephone, human)
        ended = await at.carrier.report(
            status, sid, CallStatus="completed", SequenceNumber="3", CallDuration="9"
        )
        assert ended.status_code == 204
        await at.settled()
        assert telephone.violations == []
        assert telephone.stopped_by_us
        assert at.carrier.verbs == ["Hangup"]
        assert telephone.prompts[-1].played
        assert all(len(one.name.split(":")) >= 3 for one in telephone.prompts)
        interview = at.service.store.interview(person(at.service).assignment_id)
        assert interview.status is Status.ENDED
        assert interview.answers["A3"].value == "1"
        assert [one.outcome for one in at.attempts()] == ["N11"]

    at_work(work)


def test_what_is_not_signed_for_our_address_is_refused_w02(
    at_work: Callable[[Work], None],
) -> None:
    async def work(at: Place) -> None:
        sid, voice, _status = await asyncio.to_thread(at.dial)
        pairs = [("CallSid", sid), ("CallStatus", "in-progress")]
        here = at.carrier.address + voice
        wrong = {
            "X_Twilio_Signature": [
                "",
                "x",
                signature(PUBLIC + voice, pairs, "other"),
                signature(here, pairs, TOKEN),
                signature(PUBLIC.replace("https", "http") + voice, pairs, TOKEN),
                signature(PUBLIC + voice, [*pairs, ("Digits", "1")], TOKEN),
                signature(PUBLIC + voice, pairs, TOKEN).lower(),
            ]
        }
        for proof in wrong["X_Twilio_Signature"]:
            response = await at.carrier.post(voice, pairs, X_Twilio_Signature=proof)
            assert (response.status_code, response.json()["code"]) == (403, "bad-signature")
        host = {"Host": "evil.example.org", "X_Forwarded_Host": "evil.example.org"}
        assert (await at.carrier.post(voice, pairs, **host)).status_code == 200
        async with httpx.AsyncClient() as client:
            unsigned = await client.post(at.carrier.address + voice, data=dict(pairs))
            got = await client.get(at.carrier.address + voice)
        assert (unsigned.status_code, got.status_code) == (403, 405)
        other = replace(at.carrier, token="rotated")
        assert (await other.post(voice, pairs)).status_code == 403

    at_work(work)


def test_odd_forms_w03(at_work: Callable[[Work], None]) -> None:
    async def work(at: Place) -> None:
        sid, voice, status = await asyncio.to_thread(at.dial)
        post = at.carrier.post
        assert (await post(voice, [])).status_code == 400
        assert (await post(voice, [("CallStatus", "ringing")])).status_code == 400
        two = [("CallSid", sid), ("CallSid", "CA" + "1" * 32)]
        assert (await post(voice, two)).status_code == 400
        many = [("CallSid", sid), *((f"F{n}", "1") for n in range(1_001))]
        assert (await post(status, many)).status_code == 400
        huge = [("CallSid", sid), ("Body", "x" * 2_000_000)]
        assert (await post(status, huge)).status_code == 413
        odd = [
            ("CallSid", sid),
            ("CallStatus", "vanished"),
            ("Digits", "*#" + "9" * 500),
            ("From", " +86 138 0013 8000 "),
            ("名", "５"),
        ]
        assert (await post(status, odd)).status_code == 204
        assert (await replace(at.carrier, quoted=quote).post(status, odd)).status_code == 204
        trimmed = [(name, value.strip()) for name, value in odd]
        proof = signature(PUBLIC + status, odd, TOKEN)
        assert (await post(status, trimmed, X_Twilio_Signature=proof)).status_code == 403
        assert (await post(status, [("CallSid", "CA" + "9" * 32)])).status_code == 404
        wrong = "application/x-www-form-urlencoded; charset=gbk"
        assert (await post(status, odd, Content_Type=wrong)).status_code in (204, 403)
        [attempt] = at.attempts()
        assert attempt.outcome is None

    at_work(work)


def test_sockets_that_may_not_be_here_w04(at_work: Callable[[Work], None]) -> None:
    async def work(at: Place) -> None:
        url = "wss://survey.example.org/twilio/media"
        headers: list[dict[str, str]] = [
            {},
            {"X-Twilio-Signature": ""},
            {"X-Twilio-Signature": signature(url.replace("wss", "https"), (), TOKEN)},
            {"X-Twilio-Signature": signature(url, (), "other")},
        ]
        for given in headers:
            with pytest.raises(InvalidStatus) as refused:
                async with at.carrier.socket(url, given):
                    pass
            assert refused.value.response.status_code == 403
        with pytest.raises(InvalidStatus):
            async with at.carrier.socket(url + "?token=1"):
                pass
        sid, voice, _status = await asyncio.to_thread(at.dial)
        twiml = await at.carrier.answer(voice, sid)

        async def listens(telephone: Telephone) -> None:
            await telephone.until(lambda: bool(telephone.first_sound))
            again = Telephone(call=sid, parameters=telephone.parameters)
            async with at.carrier.socket(url) as link:
                await connect(link, again, quiet)
            assert not again.first_sound
            telephone.hang_up()

        async def quiet(telephone: Telephone) -> None:
            await telephone.until(lambda: telephone.stopped_by_us)

        thief = Telephone(call=sid, parameters={"token": "guessed"})
        async with at.carrier.socket(url) as link:
            await connect(link, thief, quiet)
        assert not thief.first_sound
        telephone = Telephone(call=sid)
        await at.carrier.stream(twiml, telephone, listens)
        assert telephone.first_sound
        await at.settled()

    at_work(work)


@pytest.mark.parametrize(
    ("reports", "outcome"),
    [
        ([("busy", "2"), ("ringing", "1"), ("busy", "2")], "N15"),
        ([("failed", ""), ("initiated", "0")], "N15"),
        ([("completed", "3"), ("in-progress", "2")], "N15"),
    ],
)
def test_reports_in_any_order_w05(
    at_work: Callable[[Work], None], reports: list[tuple[str, str]], outcome: str
) -> None:
    async def work(at: Place) -> None:
        sid, _voice, status = await asyncio.to_thread(at.dial)
        for state, sequence in reports:
            fields = {"CallStatus": state, **({"SequenceNumber": sequence} if sequence else {})}
            assert (await at.carrier.report(status, sid, **fields)).status_code == 204
        assert [one.outcome for one in at.attempts()] == [outcome]

    at_work(work)


def test_a_flood_or_a_broken_line_ends_that_call_only_w06(
    at_work: Callable[[Work], None],
) -> None:
    async def work(at: Place) -> None:
        dialled = [await asyncio.to_thread(at.dial, index) for index in range(2)]

        async def one(
            index: int, stays: float, disturb: Callable[[Any, Telephone], Any]
        ) -> Telephone:
            async def stay(telephone: Telephone) -> None:
                await telephone.until(lambda: telephone.stopped_by_us, stays)
                telephone.hang_up()

            sid, voice, _status = dialled[index]
            twiml = await at.carrier.answer(voice, sid)
            telephone = Telephone(call=sid)
            telephone.parameters = {"token": twiml[0][0][0].attrib["value"]}
            async with at.carrier.socket(twiml[0][0].attrib["url"]) as link:
                other = asyncio.create_task(disturb(link, telephone))
                await connect(link, telephone, stay)
                await asyncio.gather(other, return_exceptions=True)
            return telephone

        async def flood(link: Any, telephone: Telephone) -> None:
            await telephone.until(lambda: bool(telephone.first_sound))
            for at in range(10_000):
                await link.send(said.media(b"\xff" * 160, at + 5_000, telephone.stream))

        async def garbage(link: Any, telephone: Telephone) -> None:
            await telephone.until(lambda: bool(telephone.first_sound))
            for text in ("{", '{"event":"media","media":{"payload":"%"}}', "x" * 900_000):
                await link.send(text)
            await link.send(said.start(call="CA" + "7" * 32, stream=telephone.stream))
            await link.send(said.media(b"\xff" * 480_000, 4_000, telephone.stream))

        flooded, survived = await asyncio.gather(one(0, 60, flood), one(1, 4, garbage))
        assert flooded.stopped_by_us
        assert not survived.stopped_by_us
        await at.settled()
        assert [one.outcome for one in at.attempts()] == ["N15"]

    at_work(work)


def test_w07_who_calls_the_county_is_connected_or_told_why_not(
    at_work: Callable[[Work], None],
) -> None:
    async def work(place: Place) -> None:
        mine = international(person(place.service).telephone)
        inbound = {"Direction": "inbound", "To": place.service.settings.twilio_number}
        taken = await place.carrier.answer("/twilio/voice", "CAin", From=mine, **inbound)
        assert taken.find("./Connect/Stream") is not None
        nobody = {"From": "+8613900000000", **inbound}
        asked = await place.carrier.answer("/twilio/voice", "CAno", **nobody)
        assert asked.find("./Connect/Stream") is not None, "they are asked who they are"
        gone = await place.carrier.report("/twilio/status", "CAno", CallStatus="completed")
        assert gone.status_code == 204
        strange = place.exchange.calls.find("", "CAno")
        assert strange is not None
        assert strange.ended_at is not None
        form = [("CallSid", "CAin2"), ("Direction", "inbound"), ("From", mine)]
        forged = await place.carrier.post("/twilio/voice", form, **{"X-Twilio-Signature": "AAAA"})
        assert forged.status_code == 403
        assert place.exchange.calls.find("", "CAin2") is None
        ended = await place.carrier.report("/twilio/status", "CAin", CallStatus="completed")
        assert ended.status_code == 204
        (attempt,) = place.attempts()
        assert attempt.ended_at is not None
        Campaigns(place.service.database).close(CAMPAIGN, by="test", at=place.exchange.now())
        closed = await place.carrier.answer("/twilio/voice", "CAlate", **nobody)
        assert closed.find("./Say") is not None
        assert closed.find("./Hangup") is not None

    at_work(work)


def inbound(place: Place, index: int = 0) -> dict[str, str]:
    mine = international(person(place.service, index).telephone)
    return {"Direction": "inbound", "From": mine, "To": place.service.settings.twilio_number}


def test_w08_who_calls_the_county_is_interviewed(at_work: Callable[[Work], None]) -> None:
    async def work(at: Place) -> None:
        telephone = Telephone(call="CAin")
        digits = spoken_digits(person(at.service).facts()["last4"])

        async def human(telephone: Telephone) -> None:
            for words in ("我就是本人", digits, "对", "别再打来了"):
                await telephone.next_question(len(telephone.prompts))
                telephone.say(spoken(words, 0.4))

        twiml = await at.carrier.answer("/twilio/voice", "CAin", **inbound(at))
        late = await at.carrier.answer("/twilio/voice", "CAin", **inbound(at))
        assert ET.tostring(late) == ET.tostring(twiml)
        await at.carrier.stream(twiml, telephone, human)
        done = await at.carrier.report("/twilio/status", "CAin", CallStatus="completed")
        assert done.status_code == 204
        await at.settled()
        assert telephone.violations == []
        interview = at.service.store.interview(person(at.service).assignment_id)
        assert interview.answers["A1"].value
        assert [(one.channel, one.outcome) for one in at.attempts()] == [(Channel.VOICE, "N11")]
        assert at.api.asked == []
        never = await at.carrier.answer("/twilio/voice", "CAagain", **inbound(at))
        assert never.find("./Connect/Stream") is not None, "they are asked who they are"
        again = at.exchange.calls.find("", "CAagain")
        assert again is not None
        assert again.assignment_id == ""

    at_work(work)


def test_w09_of_two_calls_at_once_from_one_number_one_is_the_persons(
    at_work: Callable[[Work], None],
) -> None:
    async def work(at: Place) -> None:
        calls = [at.carrier.answer("/twilio/voice", f"CA{n}", **inbound(at)) for n in range(2)]
        told = [[verb.tag for verb in twiml] for twiml in await asyncio.gather(*calls)]
        assert told == [["Connect", "Hangup"]] * 2
        found = [at.exchange.calls.find("", f"CA{n}") for n in range(2)]
        whose = sorted(one.assignment_id for one in found if one)
        assert whose == ["", person(at.service).assignment_id]
        assert len(at.attempts()) == 1
        other = await at.carrier.answer("/twilio/voice", "CAother", **inbound(at, 1))
        assert other.find("./Connect") is not None

    at_work(work)
