"""The front of the account: takes requests, answers in time, and works off what came later."""

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from models.failure import RecordsError
from models.outbox import Outgoing
from models.wechat_contact import WechatContact, WechatContacts, contact_key
from models.wechat_mail import TRIES, Admission, Letter, Waiting, WechatMail
from server.wechat import sentences
from server.wechat.api import WechatApi
from server.wechat.desk import Answered, Arrived, WechatDesk
from server.wechat.ear import Ear
from server.wechat.fault import ApiError, Fault, RefusedError
from server.wechat.gate import Gate, Query
from server.wechat.incoming import Incoming
from server.wechat.porter import Porter
from server.wechat.postman import Postman
from server.wechat.reply import ReplyWriter, parts
from server.wechat.talk import CHANNEL

#: Seconds after which a request gets an empty answer and its reply goes out by itself. WeChat
#: waits for five, which are used where nothing can be sent afterwards.
PATIENCE, PATIENCE_WITHOUT_INTERFACE = 0.3, 4.0
#: Seconds after which somebody looks again for what is due.
PAUSE = 1.0
#: Seconds that an answer being worked on may keep the loop waiting. After each message that is sent
#: the loop has to wait for its turn, so with Python's 5 ms a hundred replies wait half a second.
_TURN = 0.0005
#: How many answers are worked on at once, and how often a repeated request looks for its reply.
_THREADS, _GLANCE = 1, 0.05
_REFUSALS = {Admission.REPLAYED: Fault.REPLAYED, Admission.CHANGED: Fault.CHANGED}
T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Mail:
    """Everything of the account that is kept or sent."""

    mail: WechatMail
    people: WechatContacts
    postman: Postman
    api: WechatApi


class Errand:
    """A request that waits for its answer, until it leaves or the answer is there."""

    def __init__(self, *, waits: bool = True) -> None:
        self._waits = waits
        self._finished = False
        self._lock = threading.Lock()

    def leave(self) -> bool:
        """Wait no longer; False if the answer was finished before."""
        with self._lock:
            self._waits = False
            return not self._finished

    def finish(self) -> bool:
        """The answer is there; return whether the request still waits for it."""
        with self._lock:
            self._finished = True
            return self._waits


#: The errand of letters for which no request waits any more.
LEFT = Errand(waits=False)


@dataclass(frozen=True, slots=True)
class WechatFront:
    """Takes what WeChat sends. ``ear`` is there where a recogniser of ours is."""

    gate: Gate
    writer: ReplyWriter
    desk: WechatDesk
    parts: Mail
    porter: Porter
    ear: Ear | None = None
    clock: Callable[[], datetime] = _now
    patience: float = PATIENCE
    pause: float = PAUSE
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="wechat")
    )
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def greet(self, query: Query, echo: str) -> str:
        """Return ``echo`` if WeChat asks. Raises :class:`RefusedError`."""
        self.gate.greet(query, self.clock())
        return echo

    async def take(self, query: Query, body: bytes) -> str:
        """Take a request and return its answer, in time. Raises :class:`RefusedError`."""
        now = self.clock()
        incoming = self.gate.admit(query, body, now)
        text = await self._reply(incoming, query, now)
        return self.writer.write(incoming, next(iter(parts(text)), ""), query, now)

    async def _reply(self, incoming: Incoming, query: Query, now: datetime) -> str:
        letter = Letter(
            open_id=incoming.open_id,
            name=incoming.name,
            content=incoming.text(),
            once=query.once,
            received_at=now,
            later=incoming.kind == "voice" and self.ear is not None,
        )
        key = self.parts.mail.key_of(letter)
        until = asyncio.get_running_loop().time() + self.patience
        admission = await self.porter.admit(letter)
        if admission in _REFUSALS:
            raise RefusedError(_REFUSALS[admission])
        if admission is Admission.KNOWN:
            return await self._known(key, until)
        if letter.later:
            self.woken.set()
            return ""
        return await self._in_time(key, letter, until)

    async def _known(self, key: bytes, until: float) -> str:
        """Give the same reply again, as soon as there is one."""
        while (reply := await self._aside(self.parts.mail.reply_to, key)) is None:
            if asyncio.get_running_loop().time() > until:
                return ""
            await asyncio.sleep(_GLANCE)
        return reply

    async def _in_time(self, key: bytes, letter: Letter, until: float) -> str:
        """Answer now, or leave it to be sent later; trouble with the records is tried again."""
        arrived = Arrived.of(key, letter.content, letter.received_at)
        contact = contact_key(self.parts.mail.keys, letter.open_id)
        errand = Errand()
        working = asyncio.ensure_future(self._after_the_rush(arrived, contact, errand))
        left = until - asyncio.get_running_loop().time()
        await asyncio.wait({working}, timeout=max(0.0, left))
        if not working.done() and errand.leave():
            working.add_done_callback(_heard_out)
            return ""
        try:
            return await working
        except RecordsError:
            return ""

    async def _after_the_rush(self, arrived: Arrived, contact: bytes, errand: Errand) -> str:
        await self.porter.quiet()
        return await self._aside(self._answered, arrived, contact, errand)

    def _answered(self, arrived: Arrived, key: bytes, errand: Errand) -> str:
        contact = self._contact(key)
        return self._kept(arrived, contact, self.desk.answer(arrived, contact), errand)

    def _contact(self, key: bytes) -> WechatContact:
        contact = self.parts.people.get(key)
        assert contact is not None  # noqa: S101 - the letter's foreign key
        return contact

    def _kept(
        self, arrived: Arrived, contact: WechatContact, answered: Answered, errand: Errand
    ) -> str:
        """Keep an answer, and put what does not go back with the request into the outbox."""
        outgoing = [
            Outgoing(
                channel=CHANNEL,
                key=f"wechat:{arrived.key.hex()}:{number}",
                body=json.dumps({"contact": contact.key.hex(), "text": text}, ensure_ascii=False),
            )
            for number, text in enumerate(parts(answered.text))
        ]
        in_time = errand.finish()
        due = outgoing[1:] if in_time else outgoing
        first = self.parts.mail.answer(
            arrived.key, answered.text, answered.assignment_id, due, self.clock()
        )
        if first and not in_time and answered.assignment_id is None and answered.text:
            self._send_now(contact, answered.text)
        return answered.text

    def _send_now(self, contact: WechatContact, text: str) -> None:
        """Send to somebody about whom nothing is kept; if it fails, they will ask again."""
        with suppress(ApiError):
            self.parts.api.send_text(contact.open_id, next(iter(parts(text))))

    async def _aside(self, work: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.pool, work, *given)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Work off late messages and send what is due for as long as the context lasts."""
        sys.setswitchinterval(min(sys.getswitchinterval(), _TURN))
        working = asyncio.create_task(self._work())
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            self.porter.close()
            self.pool.shutdown(wait=True)
            self.parts.api.close()

    async def _work(self) -> None:
        while True:
            with suppress(RecordsError):
                await self.work_off()
            self.woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self.pause):  # wait_for may lose a cancellation (3.11)
                    await self.woken.wait()

    async def work_off(self) -> int:
        """Answer what waits, send what is due, forget what is old; return how much was done."""
        mail, now = self.parts.mail, self.clock()
        waiting = await self._aside(mail.claim, now)
        for one in waiting:
            await self._late(one)
        sent = await self._aside(self.parts.postman.send_due, self.clock())
        await self._aside(mail.forget, now)
        return len(waiting) + sent

    async def _late(self, waiting: Waiting) -> None:
        arrived = Arrived.of(waiting.key, waiting.content, waiting.received_at)
        contact = await self._aside(self._contact, waiting.contact)
        if waiting.tries > TRIES:
            given_up = Answered(sentences.TROUBLE, self.desk.assignment_of(contact))
            await self._aside(self._kept, arrived, contact, given_up, LEFT)
        elif arrived.field("MsgType") == "voice" and self.ear is not None:
            await self._voice(arrived, contact, self.ear)
        else:
            await self._aside(self._answered, arrived, contact.key, LEFT)

    async def _voice(self, arrived: Arrived, contact: WechatContact, ear: Ear) -> None:
        assignment_id = await self._aside(self.desk.assignment_of, contact)
        took = await ear.hear(arrived, assignment_id) if assignment_id else None
        heard = took.heard if took else None
        answered = await self._aside(self.desk.answer, arrived, contact, heard)
        if assignment_id and answered.assignment_id is None:
            answered = Answered(answered.text, assignment_id)
        await self._aside(self._kept, arrived, contact, answered, LEFT)
        if took is not None:
            await self._aside(ear.keep, arrived, took)


@asynccontextmanager
async def at_work(front: WechatFront | None) -> AsyncIterator[None]:
    """Let ``front`` work for as long as the context lasts, if there is one."""
    if front is None:
        yield
        return
    async with front.at_work():
        yield


def _heard_out(working: "asyncio.Future[str]") -> None:
    """Take note of how late work ended; what failed is tried again by whoever looks for it."""
    if not working.cancelled():
        working.exception()
