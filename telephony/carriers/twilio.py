"""Twilio as a carrier: its REST interface through its own library, and TwiML."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests.exceptions import ReadTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.twiml.voice_response import Connect, Dial, Start, Stop, VoiceResponse

from telephony.carrier import CallState, Order
from telephony.carriers.fault import CarrierFault
from telephony.carriers.twilio_line import TwilioLine
from telephony.carriers.twilio_status import STATES
from telephony.failure import CarrierError
from telephony.line import LineCodec
from telephony.rooms import Ear

#: Seconds that a request may take.
PATIENCE = 10.0
_EVENTS = ["initiated", "ringing", "answered", "completed"]
_GONE, _ALREADY_GONE = 404, 20404
#: The name of the stream by which a call is listened to.
_EAR = "ear"


class TwilioCarrier:
    """See :class:`telephony.carrier.Carrier`; ``api_base`` is another address of the REST API.

    Machines are detected while the call goes on (``AsyncAmd``), so that nobody hears silence.
    """

    name = "twilio"

    def __init__(self, account: str, token: str, number: str, api_base: str = "") -> None:
        self._account, self._token, self._number = account, token, number
        self._api_base = api_base
        self._made: Client | None = None

    def codec(self) -> LineCodec:
        """See :class:`telephony.carrier.Carrier`."""
        return TwilioLine()

    def answer(self, media_url: str, parameters: Mapping[str, str]) -> str:
        """Return TwiML: the call's sound goes both ways to ``media_url``, then it is hung up."""
        return str(_both_ways(VoiceResponse(), media_url, parameters))

    def turn_away(self, sentence: str) -> str:
        """Return TwiML: one sentence, spoken by the carrier, then it is hung up."""
        response = VoiceResponse()
        response.say(sentence, language="zh-CN")
        response.hangup()
        return str(response)

    def place(self, order: Order) -> str:
        """See :class:`telephony.carrier.Carrier`."""
        placed = self._asked(
            "拨打",
            lambda client: client.calls.create(
                to=order.to,
                from_=self._number,
                url=order.voice_url,
                method="POST",
                status_callback=order.status_url,
                status_callback_method="POST",
                status_callback_event=_EVENTS,
                timeout=order.ring,
                time_limit=order.limit,
                **(_detection(order) if order.detects else {}),
            ),
        )
        return str(placed.sid)

    def hang_up(self, call: str) -> None:
        """See :class:`telephony.carrier.Carrier`."""
        try:
            self._asked("挂断", lambda client: client.calls(call).update(status="completed"))
        except CarrierError as error:
            if not _was_gone(error.__cause__):
                raise

    def transfer(self, call: str, to: str) -> None:
        """See :class:`telephony.carrier.Carrier`."""
        response = VoiceResponse()
        response.dial(to)
        response.hangup()
        self.redirect(call, str(response))

    def redirect(self, call: str, twiml: str) -> None:
        """Have a call that goes on follow ``twiml`` from now on; a stream both ways ends.

        Raises :class:`telephony.failure.CarrierError` if Twilio does not do it.
        """
        self._asked("转接", lambda client: client.calls(call).update(twiml=twiml))

    @property
    def can_text(self) -> bool:
        """See :class:`telephony.texting.Texting`."""
        return bool(self._account and self._token and self._number)

    def text(self, to: str, words: str) -> str:
        """See :class:`telephony.texting.Texting`."""
        sent = self._asked(
            "发短信",
            lambda client: client.messages.create(to=to, from_=self._number, body=words),
        )
        return str(sent.sid)

    def status(self, call: str) -> CallState:
        """See :class:`telephony.carrier.Carrier`; a state that is not known counts as queued."""
        found = self._asked("查询", lambda client: client.calls(call).fetch())
        return STATES.get(str(found.status), CallState.QUEUED)

    def rooms(self) -> "TwilioRooms | None":
        """See :class:`telephony.carrier.Carrier`: conferences, and streams of both tracks."""
        return TwilioRooms(self) if self._account else None

    def _asked(self, what: str, work: Callable[[Client], Any]) -> Any:
        client = self._client()
        try:
            return work(client)
        except TwilioRestException as error:
            raise CarrierError(
                CarrierFault.CARRIER_REFUSED, what=what, status=error.status, code=error.code
            ) from error
        except (TwilioException, RequestException, OSError, ValueError) as error:
            raise CarrierError(_fault_of(error), what=what, reason=type(error).__name__) from error

    def _client(self) -> Client:
        if self._made is None:
            for name, value in (("ACCOUNT_SID", self._account), ("AUTH_TOKEN", self._token)):
                _demand(f"TINGWEN_TWILIO_{name}", value)
            _demand("TINGWEN_TWILIO_NUMBER", self._number)
            http = _Elsewhere(self._api_base) if self._api_base else _quiet()
            self._made = Client(self._account, self._token, http_client=http)
        return self._made


class TwilioRooms:
    """See :class:`telephony.rooms.Rooms`; a room is a conference."""

    def __init__(self, carrier: TwilioCarrier) -> None:
        self._carrier = carrier

    def enter(self, room: str, ear: Ear | None = None, *, closes: bool) -> str:
        """See :class:`telephony.rooms.Rooms`; nobody hears a beep or music."""
        response = VoiceResponse()
        if ear is not None:
            start = Start()
            stream = start.stream(name=_EAR, url=ear.url, track="both_tracks")
            for name, value in ear.parameters.items():
                stream.parameter(name=name, value=value)
            response.append(start)
        dial = Dial()
        dial.conference(
            room,
            beep="false",
            wait_url="",
            start_conference_on_enter=True,
            end_conference_on_exit=closes,
            max_participants=2,
        )
        response.append(dial)
        response.hangup()
        return str(response)

    def leave(self, media_url: str, parameters: Mapping[str, str]) -> str:
        """See :class:`telephony.rooms.Rooms`; the ear would otherwise go on until the call ends."""
        response, stop = VoiceResponse(), Stop()
        stop.stream(name=_EAR)
        response.append(stop)
        return str(_both_ways(response, media_url, parameters))

    def move(self, call: str, told: str) -> None:
        """See :class:`telephony.rooms.Rooms`."""
        self._carrier.redirect(call, told)

    def end(self) -> str:
        """See :class:`telephony.rooms.Rooms`."""
        response = VoiceResponse()
        response.hangup()
        return str(response)

    def codec(self) -> LineCodec:
        """See :class:`telephony.rooms.Rooms`."""
        return TwilioLine(both=True)


def _both_ways(
    response: VoiceResponse, media_url: str, parameters: Mapping[str, str]
) -> VoiceResponse:
    """Add that the call's sound goes both ways to ``media_url``, then it is hung up."""
    connect = Connect()
    stream = connect.stream(url=media_url)
    for name, value in parameters.items():
        stream.parameter(name=name, value=value)
    response.append(connect)
    response.hangup()
    return response


def _detection(order: Order) -> Mapping[str, str]:
    return {
        "machine_detection": "Enable",
        "async_amd": "true",
        "async_amd_status_callback": order.status_url,
        "async_amd_status_callback_method": "POST",
    }


class _Elsewhere(TwilioHttpClient):  # type: ignore[misc]
    """Sends what is meant for Twilio's API to another base address."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=PATIENCE, pool_connections=True)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        """Make one request; the path and query stay as they are."""
        asked = urlsplit(url)
        path = self._base.path.rstrip("/") + asked.path
        moved = urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))
        return super().request(method, moved, *args, **options)


def _quiet() -> TwilioHttpClient:
    return TwilioHttpClient(timeout=PATIENCE, pool_connections=True)


def _fault_of(error: Exception) -> CarrierFault:
    """Return whether Twilio may have got what it did not answer."""
    silent = isinstance(error, ReadTimeout)
    return CarrierFault.CARRIER_SILENT if silent else CarrierFault.CARRIER_UNREACHABLE


def _demand(name: str, value: str) -> None:
    if not value:
        raise CarrierError(CarrierFault.CARRIER_NOT_SET, name=name)


def _was_gone(error: BaseException | None) -> bool:
    """Whether the call to be hung up was over already."""
    gone = isinstance(error, TwilioRestException) and error.status == _GONE
    return gone and getattr(error, "code", None) in (_ALREADY_GONE, None, 0)
