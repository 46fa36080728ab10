"""Sends what the outbox has for telephones: text messages, through carriers that have them."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.failure import TaskTakenError
from models.invitation import Way
from models.opt_out import OptOuts
from models.outbox import Claimed, Outbox
from telephony.carriers.fault import CarrierFault
from telephony.failure import CarrierError
from telephony.texting import Texting

_SOON = timedelta(seconds=20)
#: How often a message is tried before it is given up.
MOST_TRIES = 6


@dataclass(frozen=True, slots=True)
class TextPostman:
    """Sends text messages; blocking."""

    outbox: Outbox
    opt_outs: OptOuts
    carrier: Texting
    worker: str

    def send_due(self, now: datetime) -> int:
        """Send what is due and return how many messages were dealt with."""
        claimed = self.outbox.claim(self.worker, now, channel=Way.SMS.value)
        for message in claimed:
            try:
                self._send(message, now)
            except TaskTakenError:
                continue
        return len(claimed)

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
            self.outbox.retry(message.id, self.worker, now + _SOON * message.tries)
        else:
            self.outbox.failed(message.id, self.worker)
