"""Finding out who writes: by a ticket of the county, or by name and last four places."""

import re
from dataclasses import dataclass
from datetime import datetime

from dialog.wording import Office
from models.identity_question import IdentityQuestions
from models.keys import KeyService
from models.wechat_contact import WechatContact, WechatContacts
from server.wechat import sentences
from server.wechat.ticket import read_ticket

_NAME = re.compile(r"[^\W\d_][\w·.•\- ]{1,29}")
_LAST4 = re.compile(r"[0-9A-Za-z]{4}")
_ANEW = frozenset({"重来", "重新来", "重填"})


@dataclass(frozen=True, slots=True)
class Binding:
    """Binds contacts to persons."""

    contacts: WechatContacts
    questions: IdentityQuestions
    keys: KeyService
    office: Office

    def by_ticket(self, contact: WechatContact, text: str, now: datetime) -> bool:
        """Bind by a ticket; False if it is wrong, too old or used by somebody else."""
        ticket = read_ticket(self.keys, text)
        if ticket is None or ticket.is_expired(now):
            return False
        return self.contacts.bind_by_ticket(contact.key, ticket.assignment_id, ticket.nonce, at=now)

    def ask(self, contact: WechatContact) -> str:
        """Begin the questions and return the first."""
        self.contacts.ask(contact.key, "name")
        return sentences.ASK_NAME

    def take(self, contact: WechatContact, words: str, now: datetime) -> str:
        """Take the words of somebody who is not bound; return what to say.

        An empty text means that they are bound now.
        """
        if contact.asked == "" or words in _ANEW:
            return self.ask(contact)
        if contact.asked == "name":
            return self._named(contact, words)
        return self._judged(contact, words.replace(" ", ""), now)

    def _named(self, contact: WechatContact, words: str) -> str:
        if not _NAME.fullmatch(words):
            return sentences.NOT_NAME
        self.contacts.ask(contact.key, "last4", words)
        return sentences.ASK_LAST4

    def _judged(self, contact: WechatContact, last4: str, now: datetime) -> str:
        """Whether a name exists must not show, so name and places are judged together."""
        name = contact.name or ""
        if not _LAST4.fullmatch(last4):
            return sentences.NOT_LAST4
        if self.questions.is_locked(contact.key, name, now):
            self.contacts.ask(contact.key, "")
            return self._said(sentences.LOCKED)
        found = self.questions.persons([name], last4)
        if len(found) == 1:
            self.contacts.bind(contact.key, found[0], at=now)
            return ""
        self.questions.miss(contact.key, name, now)
        self.contacts.ask(contact.key, "name")
        return self._said(sentences.SEVERAL if found else sentences.NOT_FOUND)

    def _said(self, sentence: str) -> str:
        return sentence.format(callback=self.office.callback)
