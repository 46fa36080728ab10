"""Asterisk as a carrier: calls by its own REST interface (ARI), sound by AudioSocket.

The dialplan runs ``AudioSocket(${TINGWEN_TOKEN},host:port)`` on the answered channel; Asterisk then
connects to us over TCP, see :mod:`telephony.carriers.audiosocket`. What becomes of a call is told
by ARI's events, see :mod:`telephony.carriers.asterisk_events`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx

from telephony.carrier import CallState, Order
from telephony.carriers.audiosocket_line import AudioSocketLine
from telephony.carriers.fault import CarrierFault
from telephony.failure import CarrierError
from telephony.line import LineCodec

_PATIENCE = 10.0
_GONE = 404
_CHINA = "+86"
STATES: Mapping[str, CallState] = {
    "Down": CallState.QUEUED,
    "Rsrvd": CallState.QUEUED,
    "OffHook": CallState.QUEUED,
    "Dialing": CallState.QUEUED,
    "Ring": CallState.RINGING,
    "Ringing": CallState.RINGING,
    "Up": CallState.ANSWERED,
    "Busy": CallState.BUSY,
}


@dataclass(frozen=True, slots=True)
class AsteriskAccount:
    """How an Asterisk is reached and how it dials.

    ``ari`` is the base address of ARI (``http://…:8088/ari``). ``endpoint`` is where a number is
    dialled, like ``PJSIP/{number}@trunk``: ``{number}`` stands for it in E.164, ``{national}`` for
    it as dialled within China. ``context`` is the dialplan's that runs AudioSocket, ``caller`` the
    caller id that is shown.

    Raises :class:`telephony.failure.CarrierError` where address or endpoint cannot be right.
    """

    ari: str
    user: str
    password: str
    endpoint: str
    context: str = "tingwen"
    caller: str = ""

    def __post_init__(self) -> None:
        if not _is_address(self.ari):
            raise _misset("TINGWEN_ASTERISK_ARI", "要像 http://10.0.0.5:8088/ari")
        try:
            differs = self.at("+861") != self.at("+862")
        except (LookupError, ValueError, AttributeError):
            differs = False
        if not differs:
            raise _misset("TINGWEN_ASTERISK_ENDPOINT", "要像 PJSIP/{number}@trunk")

    def at(self, number: str) -> str:
        """Return where ``number`` (E.164) is dialled."""
        return self.endpoint.format(number=number, national=number.removeprefix(_CHINA))


def _is_address(written: str) -> bool:
    try:
        parts = urlsplit(written)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _misset(name: str, wanted: str) -> CarrierError:
    return CarrierError(CarrierFault.CARRIER_MISSET, name=name, wanted=wanted)


class AsteriskCarrier:
    """See :class:`telephony.carrier.Carrier`; a call is called by its channel's id, which is ours.

    A line brings nothing but the token of its call, which the dialplan gives it.
    """

    name = "asterisk"

    def __init__(self, account: AsteriskAccount) -> None:
        self._account = account
        self._ari = account.ari.rstrip("/")

    def codec(self) -> LineCodec:
        """See :class:`telephony.carrier.Carrier`."""
        return AudioSocketLine()

    def answer(self, media_url: str, parameters: Mapping[str, str]) -> str:
        """Return nothing: the dialplan says where the sound goes."""
        del media_url, parameters
        return ""

    def turn_away(self, sentence: str) -> str:
        """Return nothing: the dialplan connects only what we have placed."""
        del sentence
        return ""

    def place(self, order: Order) -> str:
        """See :class:`telephony.carrier.Carrier`."""
        call = order.call or uuid4().hex
        asked: dict[str, object] = {
            "endpoint": self._account.at(order.to),
            "extension": "s",
            "context": self._account.context,
            "priority": 1,
            "timeout": order.ring,
            "channelId": call,
            "variables": {"TINGWEN_TOKEN": order.token},
        }
        if self._account.caller:
            asked["callerId"] = self._account.caller
        self._asked("拨打", "POST", "/channels", asked)
        return call

    def hang_up(self, call: str) -> None:
        """See :class:`telephony.carrier.Carrier`."""
        self._asked("挂断", "DELETE", f"/channels/{call}", gone=True)

    def transfer(self, call: str, to: str) -> None:
        """See :class:`telephony.carrier.Carrier`; the dialplan dials once our line has ended.

        A channel in the dialplan takes no orders from ARI, but reads global variables.
        """
        self._asked("转接", "GET", f"/channels/{call}")
        where = {"variable": f"TINGWEN_TO_{call}", "value": self._account.at(to)}
        self._asked("转接", "POST", "/asterisk/variable", where)

    def status(self, call: str) -> CallState:
        """See :class:`telephony.carrier.Carrier`; a channel that is no more was completed."""
        found = self._asked("查询", "GET", f"/channels/{call}", gone=True)
        if found is None:
            return CallState.COMPLETED
        return STATES.get(str(found.json().get("state")), CallState.QUEUED)

    def rooms(self) -> None:
        """See :class:`telephony.carrier.Carrier`; the dialplan would have to know of rooms."""
        return

    def events(self, listener: str) -> tuple[str, Mapping[str, str]]:
        """Return the address of the socket that tells of all channels, and its headers.

        Of sockets with the same ``listener`` Asterisk serves the newest.
        """
        query = urlencode({"app": listener, "subscribeAll": "true"})
        address = f"ws{self._ari.removeprefix('http')}/events?{query}"
        made = httpx.Request("GET", self._ari)
        signed = next(self._proof().sync_auth_flow(made))
        return address, {"Authorization": signed.headers["Authorization"]}

    def _proof(self) -> httpx.BasicAuth:
        return httpx.BasicAuth(self._account.user, self._account.password)

    def _asked(
        self,
        what: str,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        gone: bool = False,
    ) -> httpx.Response | None:
        """Ask ARI; None where the channel is gone and that is all right."""
        address, proof = self._ari + path, self._proof()
        try:
            found = httpx.request(method, address, json=body, auth=proof, timeout=_PATIENCE)
        except httpx.HTTPError as error:
            reason = type(error).__name__
            raise CarrierError(
                CarrierFault.CARRIER_UNREACHABLE, what=what, reason=reason
            ) from error
        if gone and found.status_code == _GONE:
            return None
        if found.is_error:
            raise CarrierError(
                CarrierFault.CARRIER_REFUSED, what=what, status=found.status_code, code="-"
            )
        return found
