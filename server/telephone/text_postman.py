"""Sends what the outbox has for telephones: text messages, through carriers that have them."""

import json
from dataclasses import dataclass
from datetime import datetime

from models.invitation import Way
from models.opt_out import OptOuts
from models.outbox import Claimed, Outbox
from server.posting import MOST_TRIES, SOON, post_due
from telephony.carriers.fault import CarrierFault
from telephony.failure import CarrierError
from telephony.texting import Texting


@dataclass(frozen=True, slots=True)
class TextPostman:
    """Sends text messages; blocking."""

    outbox: Outbox
    opt_outs: OptOuts
    carrier: Texting
    worker: str

    def send_due(self, now: datetime) -> int:
        """Send what is due and return how many messages were dealt with."""
        return post_due(self.outbox, self.worker, Way.SMS.value, now, self._send)

    def _send(self, message: Claimed, now: datetime) -> None:
        if self.opt_outs.holds(message.assignment_id):
            self.outbox.failed(message.id, self.worker)
            return
        body = json.loads(message.body)
        try:
            self.carrier.text(body["to"], body["text"])
        except CarrierError as error:
            self._not_taken(message, error, now)
            return
        self.outbox.sent(message.id, self.worker, now)

    def _not_taken(self, message: Claimed, error: CarrierError, now: datetime) -> None:
        """Try again where the carrier surely has not got it; what may be on its way is not sent."""
        if error.fault is CarrierFault.CARRIER_UNREACHABLE and message.tries < MOST_TRIES:
            self.outbox.retry(message.id, self.worker, now + SOON * message.tries)
        else:
            self.outbox.failed(message.id, self.worker)
