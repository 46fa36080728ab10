"""What goes on behind the webhook: late answers, voice messages, and sending what is due."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from models.invitation import Invitations
from models.opt_out import OptOuts
from models.outbox import Claimed, Outbox
from models.wechat_contact import WechatContacts
from server.posting import MOST_TRIES, SOON, post_due
from server.wechat.api import WechatApi
from server.wechat.fault import ApiError
from server.wechat.talk import CHANNEL

_LATER = timedelta(hours=1)
#: WeChat has not answered, so that a message may have arrived.
_SILENT = 0


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
    invitations: Invitations
    people: WechatContacts
    opt_outs: OptOuts
    api: WechatApi
    worker: str

    def send_due(self, now: datetime) -> int:
        """Send what is due and return how many messages were dealt with."""
        return post_due(self.outbox, self.worker, CHANNEL, now, self._send)

    def _send(self, message: Claimed, now: datetime) -> None:
        body = json.loads(message.body)
        contact = self.people.get(bytes.fromhex(body["contact"]))
        unwanted = body.get("unasked") and self.opt_outs.holds(message.assignment_id)
        if unwanted:
            self.outbox.failed(message.id, self.worker)
            return
        if contact is None or not contact.may_be_written_to(now):
            self._refused(message, now)
            return
        try:
            self.api.send_text(contact.open_id, body["text"])
        except ApiError as error:
            self._not_taken(message, contact.key, error.errcode, now)
            return
        self.outbox.sent(message.id, self.worker, now)

    def _not_taken(self, message: Claimed, contact: bytes, errcode: int, now: datetime) -> None:
        remedy = REMEDIES.get(errcode)
        if remedy is Remedy.LEFT:
            self.people.left(contact)
        waits = {Remedy.AGAIN: SOON * message.tries, Remedy.LATER: _LATER}
        wait = waits.get(remedy) if remedy else None
        if wait is not None and message.tries < MOST_TRIES:
            self.outbox.retry(message.id, self.worker, now + wait)
        elif errcode == _SILENT:
            self.outbox.failed(message.id, self.worker)
        else:
            self._refused(message, now)

    def _refused(self, message: Claimed, now: datetime) -> None:
        """WeChat surely has not delivered it: it goes another way if it has one, or is given up."""
        instead = json.loads(message.body).get("instead")
        if instead is None:
            self.outbox.failed(message.id, self.worker)
            return
        self.invitations.turn(message, self.worker, json.dumps(instead, ensure_ascii=False), now)
