"""Sends somebody the link by which they go on in WeChat or the chat, where a call stopped."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.attempt import Attempts
from models.case import Case
from models.database import Database
from models.invitation import Invitation, Invitations, Way
from models.phone_call import PhoneCall
from models.wechat_contact import WechatContacts
from server.link import new_link
from server.service import Service
from server.settings import Settings
from telephony.carrier import Carrier
from telephony.texting import Texting

#: A Chinese mobile number; others get no text messages.
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
WORDS: Final[Mapping[Way, str]] = {
    Way.WECHAT: (
        "{organisation}：登记还没有答完。点这里从没答的那一问接着答：{address}\n"
        "也可以直接在这里回一句话，我们接着问。不问银行卡和密码，不收钱；核实请联系{callback}。"
    ),
    Way.SMS: (
        "【{organisation}】残疾人登记还没有答完，点开从没答的那一问接着答：{address} "
        "不问银行卡和密码，不收钱；核实请联系{callback}"
    ),
}


@dataclass(frozen=True, slots=True)
class Inviter:
    """Invites people; ``texts`` says whether the carrier sends text messages."""

    database: Database
    settings: Settings
    texts: bool

    @classmethod
    def of(cls, service: Service, carrier: Carrier) -> "Inviter":
        """Return the inviter of a service, whose calls go through ``carrier``."""
        texts = isinstance(carrier, Texting) and carrier.can_text
        return cls(service.database, service.settings, texts)

    def way(self, case: Case, now: datetime) -> Way:
        """Return how a link would reach somebody now."""
        return self._to(case, now)[0]

    def _to(self, case: Case, now: datetime) -> tuple[Way, dict[str, str]]:
        settings = self.settings
        if settings.wechat_app_id and settings.wechat_app_secret.get_secret_value():
            contact = WechatContacts(self.database).to_write_to(case.assignment_id, now)
            if contact is not None:
                return Way.WECHAT, {"contact": contact.key.hex()}
        by_text = self._by_text(case)
        return (Way.SMS, by_text) if by_text else (Way.SHOWN, {})

    def _by_text(self, case: Case) -> dict[str, str]:
        """Return whom a text message would go to; nothing if none can be sent."""
        number = mobile_number(case)
        return {"to": f"+86{number}"} if self.texts and number else {}

    def address(self, assignment_id: str, now: datetime) -> str:
        """Return a fresh link by which the person goes on in the chat."""
        link = new_link(assignment_id, now, self.settings.link_hours)
        base = self.settings.public_url.rstrip("/")
        return f"{base}/chat/{link.token(self.database.keys)}"

    def send(self, case: Case, attempt_id: str, by: str, now: datetime) -> Way | None:
        """Send the link within an attempt, once; return how, None if it is not sent.

        It is not if there is no way but showing it, if the attempt has sent one before, or if the
        person wants no more calls. What WeChat refuses for good goes as a text message instead,
        where one can be sent.
        """
        way, to = self._to(case, now)
        if way is Way.SHOWN:
            return None
        address, by_text = self.address(case.assignment_id, now), self._by_text(case)
        body: dict[str, object] = {**to, "text": self._text(way, address), "unasked": True}
        if way is Way.WECHAT and by_text:
            body["instead"] = {**by_text, "text": self._text(Way.SMS, address)}
        sent = Invitation(attempt_id=attempt_id, way=way, sent_by=by, at=now)
        plain = json.dumps(body, ensure_ascii=False)
        kept = Invitations(self.database).send(sent, case.assignment_id, plain)
        return way if kept else None

    def _text(self, way: Way, address: str) -> str:
        settings = self.settings
        return WORDS[way].format(
            organisation=settings.organisation, callback=settings.callback, address=address
        )

    def show(self, case: Case, attempt_id: str, by: str, now: datetime) -> str:
        """Return a link to be shown within an attempt."""
        shown = Invitation(attempt_id=attempt_id, way=Way.SHOWN, sent_by=by, at=now)
        Invitations(self.database).show(shown)
        return self.address(case.assignment_id, now)


def mobile_number(case: Case) -> str:
    """Return the number that gets text messages, the person's or their guardian's, or none."""
    plain = (re.sub(r"[\s()-]", "", number) for number in case.telephones)
    found = (_MOBILE.fullmatch(number) for number in plain)
    return next((one[1] for one in found if one), "")


def invite_after(service: Service, carrier: Carrier, call: PhoneCall, now: datetime) -> Way | None:
    """Send the link after a call of the machine; return how, None if it is not sent."""
    attempts = Attempts(service.database).of(call.assignment_id)
    mine = next((one for one in attempts if one.external_id == call.id), None)
    if mine is None:
        return None
    case = service.cases.get(call.assignment_id)
    return Inviter.of(service, carrier).send(case, mine.id, "", now)
