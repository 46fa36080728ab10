"""An exchange on paper: a real database and a virtual clock, everything but the network."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from models.attempt import Attempt, Attempts
from models.phone_call import PhoneCall
from server.service import Service
from server.telephone.dialler import Dialler
from server.telephone.exchange import Exchange, Voices
from survey_engine.interview import Interview
from telephony.call_report import CallReport
from telephony.carrier import CallState, Order
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.twilio_line import TwilioLine
from telephony.failure import CarrierError
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.telephony.coded_speech import CodedRecogniser
from tests.telephony.county import person, spoken_digits
from tests.telephony.people import answers_of
from tests.telephony.quick_activity import QuickActivity
from tests.telephony.simulator import MemoryLink, Person, Telephone, connect
from tests.telephony.virtual import run_virtually


class PaperCarrier(TwilioCarrier):
    """Twilio without its REST interface: what would be asked is written down."""

    def __init__(self) -> None:
        super().__init__("AC", "token", "+10")
        self.placed: list[Order] = []
        self.hung_up: list[str] = []
        self.transferred: list[tuple[str, str]] = []
        self.error: CarrierError | None = None
        self.states: dict[str, CallState] = {}

    def place(self, order: Order) -> str:
        if self.error:
            raise self.error
        self.placed.append(order)
        return f"CA{len(self.placed):032x}"

    def hang_up(self, call: str) -> None:
        self.hung_up.append(call)

    def status(self, call: str) -> CallState:
        return self.states.get(call, CallState.RINGING)

    def transfer(self, call: str, to: str) -> None:
        self.transferred.append((call, to))


class Line:
    """An exchange on paper, and ways to hold calls on it."""

    def __init__(self, service: Service) -> None:
        self.service, self.carrier = service, PaperCarrier()
        self.recogniser = CodedRecogniser()
        self.at = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
        voices = Voices(Speaker(ToneVoice()), self.recogniser, QuickActivity)
        self.exchange = Exchange(service, self.carrier, voices, self.now)
        self.dialler = Dialler(service, self.exchange.calls, self.carrier, self.now)

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def dial(self, index: int = 0) -> PhoneCall:
        return self.exchange.calls.get(self.dialler.dial(person(self.service, index)).call)

    def token(self, call: PhoneCall) -> str:
        twiml = self.exchange.answered(call.id, call.external_id or "", "wss://h/twilio/media")
        assert twiml is not None
        return twiml.split('value="')[1].split('"')[0]

    def hold(
        self, call: PhoneCall, human: Person, telephone: Telephone | None = None, token: str = ""
    ) -> tuple[CallReport | None, Telephone]:
        given = telephone or Telephone()
        given.call = call.external_id or ""
        given.parameters = {"token": token or self.token(call)}

        async def work() -> CallReport | None:
            link = MemoryLink()
            far = asyncio.create_task(connect(link, given, human))
            report = await self.exchange.hold(link.ours, TwilioLine())
            await link.ours.close()
            await far
            return report

        report = run_virtually(work())
        assert given.violations == []
        assert self.recogniser.open == 0
        assert self.exchange.live == {}
        return report, given

    def call(self, human: Person, index: int = 0) -> tuple[CallReport, Telephone]:
        report, telephone = self.hold(self.dial(index), human)
        assert report is not None
        return report, telephone

    def answers(self, index: int = 0) -> Callable[..., str]:
        case = person(self.service, index)
        form = self.service.shelf.find(case.form, case.version)
        own = {
            "A1": "我就是本人",
            "A2": spoken_digits(case.facts()["last4"]),
            "A6": "#13800138000",
        }
        return answers_of(form, own)

    def interview(self, index: int = 0) -> Interview:
        return self.service.store.interview(person(self.service, index).assignment_id)

    def attempts(self, index: int = 0) -> tuple[Attempt, ...]:
        case = person(self.service, index)
        return Attempts(self.service.database).of(case.assignment_id)
