"""Makes the page between two calls: what is coming, the next case, and the caller's telephone."""

from datetime import UTC, datetime, timedelta

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from server.calls.bridge_desk import BridgeDesk
from server.calls.desk import CallsDesk
from server.calls.fault import CallsDeskError
from server.calls.hand_desk import HandDesk
from server.desk.masking import masked_name, masked_number
from server.desk.page import Key, desk_page
from server.desk.sitting import Sitting

HOME = "/desk/calls"
KEYS = (
    Key("n", "接下一位"),
    Key("r", "空闲接听：打开、关上"),
    Key("d", "拨打；接通后再按 Enter"),
    Key("y", "系统接通时：交给机器问，再按接回来"),
    Key("h p f", "系统接通时：挂断、打监护人、按建议记结果"),
    Key("1–9", "取这一项；没人接或记结果时按两个数字"),
    Key("Enter", "认可建议的值"),
    Key("w", "打对方说的话"),
    Key("e", "另填一个值"),
    Key("x u s", "怎么解释、不知道、不想说"),
    Key("b", "改上一题"),
    Key("j k", "在本段的题里上下走，Enter 跳过去"),
    Key("m", "写备注"),
    Key("o", "挂断，记结果"),
    Key("a", "约时间"),
    Key("c", "剩下的发到微信、短信，或出一个链接"),
)


class BetweenCalls:
    """Makes the answers to requests."""

    def __init__(self, desk: CallsDesk, bridge: BridgeDesk, hands: HandDesk) -> None:
        self._desk = desk
        self._bridge = bridge
        self._hands = hands

    def start(
        self, request: Request, sitting: Sitting, done: str = "", *, notice: str = ""
    ) -> Response:
        """The page between two calls: what is coming, and the button to the next case."""
        now, records = _now(), sitting.records
        held = self._desk.queue(records).held(now)
        if done == "missed":
            notice = "没有接到机器转来的那一位，空闲接听已经关上，要接请再打开。"
        known = {one.name: one.label for one in self._desk.dispositions()}
        known |= {"kept": "约好了时间", "completed": "答完了"}
        book = self._desk.appointments(records)
        coming = book.between(now - timedelta(hours=2), now + timedelta(days=2), sitting.login)
        return desk_page(
            request,
            sitting,
            "desk/calls.html",
            active="call",
            keys=KEYS,
            held=held.assignment_id if held else "",
            done=known.get(done, ""),
            notice=notice,
            coming=[(one, self._named(sitting, one.assignment_id)) for one in coming[:20]],
            remind=book.to_remind(sitting.login, now),
            login=sitting.login,
            going_on=self._bridge.going_on(sitting.login) is not None,
            waits=self._hands.offered(records, now)[0],
            connects=self._bridge.connects,
            rings=self._bridge.can_ring(sitting.login),
        )

    def telephone(
        self, request: Request, sitting: Sitting, *, notice: str = "", done: bool = False
    ) -> Response:
        """The page of the caller's own telephone."""
        return desk_page(
            request,
            sitting,
            "desk/calls_telephone.html",
            active="call",
            code=422 if notice else 200,
            telephone=self._bridge.telephone(sitting.login),
            connects=self._bridge.connects,
            notice=notice,
            done=done,
        )

    def keep_telephone(self, request: Request, sitting: Sitting, given: str) -> Response:
        """Keep the caller's own telephone."""
        try:
            self._bridge.keep_telephone(sitting.login, given, _now())
        except CallsDeskError as error:
            return self.telephone(request, sitting, notice=str(error))
        return RedirectResponse(f"{HOME}/telephone?done=yes", 303)

    def ready(self, request: Request, sitting: Sitting, *, ready: bool) -> Response:
        """Let the caller wait for calls of the machine, or wait no more."""
        try:
            self._hands.set_ready(sitting.login, _now(), ready=ready)
        except CallsDeskError as error:
            return self.start(request, sitting, notice=str(error))
        return RedirectResponse(HOME, 303)

    def offered(self, sitting: Sitting) -> Response:
        """Return how a caller who waits stands, for the page's script."""
        state, assignment_id = self._hands.offered(sitting.records, _now())
        return JSONResponse({"state": state, "case": assignment_id})

    def hang_up(self, sitting: Sitting) -> Response:
        """End the call that the caller has open."""
        self._bridge.hang_up(sitting.login)
        return RedirectResponse(HOME, 303)

    def _named(self, sitting: Sitting, assignment_id: str) -> str:
        case = sitting.records.case(assignment_id)
        return f"{masked_name(case.name)} {masked_number(case.certificate)}"

    def following(self, request: Request, sitting: Sitting) -> Response:
        """Claim the next case and show it."""
        self._hands.let_go(sitting.records, _now())
        self._hands.set_ready(sitting.login, _now(), ready=False)
        self._bridge.hang_up(sitting.login)
        found = self._desk.queue(sitting.records).claim_next(_now())
        if found is None:
            words = "现在没有可以打的：没有到时间的约定，也没有轮到的人。"
            return self.start(request, sitting, notice=words)
        return to_case(found.assignment_id)


def to_case(assignment_id: str) -> Response:
    """Return the way to the page of a case."""
    return RedirectResponse(f"{HOME}/{assignment_id}#now", 303)


def _now() -> datetime:
    return datetime.now(UTC)
