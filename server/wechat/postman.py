"""What goes on behind the webhook: late answers, voice messages, and sending what is due."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from models.failure import TaskTakenError
from models.opt_out import OptOuts
from models.outbox import Claimed, Outbox
from models.wechat_contact import WechatContacts
from server.wechat.api import WechatApi
from server.wechat.fault import ApiError
from server.wechat.talk import CHANNEL

_SOON, _LATER = timedelta(seconds=20), timedelta(hours=1)
#: How often a message is tried before it is given up.
MOST_TRIES = 6


class Remedy(StrEnum):
    """What to do with a message that WeChat did not take."""

    AGAIN = "again"  #: in a little while
    LATER = "later"  #: when the day's or hour's measure is not full any more
    GIVE_UP = "give-up"  #: this message will never be taken
    LEFT = "left"  #: they do not follow us any more, or refuse messages


#: By WeChat's code; others mean that the message itself is wrong. 0 is no answer at all.
REMEDIES: Final[Mapping[int, Remedy]] = {
    0: Remedy.AGAIN,
    -1: Remedy.AGAIN,
    40001: Remedy.AGAIN,
    40014: Remedy.AGAIN,
    42001: Remedy.AGAIN,
    45009: Remedy.LATER,
    45011: Remedy.AGAIN,
    45015: Remedy.GIVE_UP,  # the 48 hours are over
    45047: Remedy.GIVE_UP,  # too many messages without an answer
    43004: Remedy.LEFT,
    48002: Remedy.LEFT,
    40003: Remedy.LEFT,
}


@dataclass(frozen=True, slots=True)
class Postman:
    """Sends what the outbox has for WeChat."""

    outbox: Outbox
    people: WechatContacts
    opt_outs: OptOuts
    api: WechatApi
    worker: str

    def send_due(self, now: datetime) -> int:
        """Send what is due and return how many messages were dealt with."""
        claimed = self.outbox.claim(self.worker, now, channel=CHANNEL)
        for message in claimed:
            try:
                self._send(message, now)
            except TaskTakenError:
                continue
        return len(claimed)

    def _send(self, message: Claimed, now: datetime) -> None:
        body = json.loads(message.body)
        contact = self.people.get(bytes.fromhex(body["contact"]))
        unwanted = body.get("unasked") and self.opt_outs.holds(message.assignment_id)
        if contact is None or not contact.may_be_written_to(now) or unwanted:
            self.outbox.failed(message.id, self.worker)
            return
        try:
            self.api.send_text(contact.open_id, body["text"])
        except ApiError as error:
            self._not_taken(message, contact.key, REMEDIES.get(error.errcode), now)
            return
        self.outbox.sent(message.id, self.worker, now)

    def _not_taken(
        self, message: Claimed, contact: bytes, remedy: Remedy | None, now: datetime
    ) -> None:
        if remedy is Remedy.LEFT:
            self.people.left(contact)
        waits = {Remedy.AGAIN: _SOON * message.tries, Remedy.LATER: _LATER}
        wait = waits.get(remedy) if remedy else None
        if wait is None or message.tries >= MOST_TRIES:
            self.outbox.failed(message.id, self.worker)
        else:
            self.outbox.retry(message.id, self.worker, now + wait)
