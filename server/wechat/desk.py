"""What the account answers to whatever comes in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dialog.tapped import WISH_WORDS, WISHES
from dialog.utterance import Utterance
from dialog.wording import Office
from models.wechat_contact import WechatContact, WechatContacts
from server.wechat import sentences
from server.wechat.binding import Binding
from server.wechat.talk import GO_ON, Contribution, WechatTalk, link_to, reply_text, tapped_in
from server.wechat.ticket import looks_like_ticket

#: What a button of the menu sends besides the wishes of the conversation.
UNBIND = "unbind"
_UNBINDING = frozenset({"解绑", "解除绑定", "取消绑定"})
_SCENE = "qrscene_"
_WISH_OF = {**{words: wish for wish, words in WISH_WORDS.items()}, sentences.GO_ON: GO_ON}
_UNSEEN = frozenset({"image", "video", "shortvideo", "file", "link", "emoji"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser made of a voice message; see :class:`dialog.utterance.Utterance`."""

    words: str
    confidence: float
    hearings: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message at the desk: its key and its fields, and when it came."""

    key: bytes
    fields: Mapping[str, str]
    at: datetime

    @classmethod
    def of(cls, key: bytes, content: str, at: datetime) -> "Arrived":
        """Return the message that the records kept as ``content``."""
        return cls(key, json.loads(content), at)

    def field(self, name: str) -> str:
        """Return a field, empty if it is not there."""
        return self.fields.get(name, "")


@dataclass(frozen=True, slots=True)
class Answered:
    """The text to say, empty for nothing, and the assignment that it is about, if any."""

    text: str
    assignment_id: str | None = None


@dataclass(frozen=True, slots=True)
class WechatDesk:
    """Answers messages and events; the same one again is answered the same."""

    people: WechatContacts
    binding: Binding
    talk: WechatTalk
    office: Office

    def answer(
        self, arrived: Arrived, contact: WechatContact, heard: Heard | None = None
    ) -> Answered:
        """Answer one message; ``heard`` is what a recogniser of ours heard in a voice message."""
        kind = arrived.field("MsgType")
        if kind == "event":
            return self._event(arrived, contact)
        if kind == "text":
            return self._text(arrived, contact)
        if kind == "voice":
            return self._voice(arrived, contact, heard)
        if kind in _UNSEEN:
            return Answered(sentences.NO_PICTURE)
        return Answered(sentences.NO_PLACE if kind == "location" else "")

    def not_heard(self, arrived: Arrived) -> Answered:
        """Return what is said where a voice message was not understood by us.

        What WeChat heard is offered to be tapped; it is never taken by itself.
        """
        hint = arrived.field("Recognition").strip(" 。，！？.,!?\n")
        if not hint or "\n" in hint or len(hint) > 60 or "<" in hint:
            return Answered(sentences.NOT_HEARD)
        link = link_to(hint, "hint")
        return Answered(sentences.HINT.format(words=hint, link=link))

    def assignment_of(self, contact: WechatContact) -> str | None:
        """Return what a bound contact is to be asked now, or None."""
        return self.people.assignment_of(contact.person_id) if contact.person_id else None

    def _event(self, arrived: Arrived, contact: WechatContact) -> Answered:
        event, key = arrived.field("Event").lower(), arrived.field("EventKey")
        if event == "unsubscribe":
            self.people.left(contact.key)
        if event in ("subscribe", "scan"):
            return self._arrived(arrived, contact, key.removeprefix(_SCENE))
        if event == "click" and key == UNBIND:
            return self._unbound(contact, arrived.at)
        if event == "click":
            return self._wish(arrived, contact, key)
        return Answered("")

    def _arrived(self, arrived: Arrived, contact: WechatContact, scene: str) -> Answered:
        if scene:
            return self._by_ticket(arrived, contact, scene)
        welcome = sentences.WELCOME.format(organisation=self.office.organisation)
        if contact.person_id:
            return Answered(welcome)
        return Answered(f"{welcome}\n\n{self.binding.ask(contact)}")

    def _text(self, arrived: Arrived, contact: WechatContact) -> Answered:
        words = arrived.field("Content").strip()
        if words in _UNBINDING:
            return self._unbound(contact, arrived.at)
        if looks_like_ticket(words):
            return self._by_ticket(arrived, contact, words)
        if contact.person_id is None:
            return self._unknown(arrived, contact, words)
        tapped = tapped_in(arrived.field("bizmsgmenuid"))
        if tapped is not None:
            return self._contributed(arrived, contact, tapped=tapped[1], target=tapped[0])
        wish = _WISH_OF.get(words, "")
        return self._contributed(arrived, contact, words="" if wish else words, tapped=wish)

    def _unknown(self, arrived: Arrived, contact: WechatContact, words: str) -> Answered:
        said = self.binding.take(contact, words, arrived.at)
        return Answered(said) if said else self._found(arrived, contact)

    def _by_ticket(self, arrived: Arrived, contact: WechatContact, text: str) -> Answered:
        if not self.binding.by_ticket(contact, text, arrived.at):
            return Answered(sentences.TICKET_WRONG)
        return self._found(arrived, contact)

    def _found(self, arrived: Arrived, contact: WechatContact) -> Answered:
        bound = self.people.get(contact.key)
        answered = self._contributed(arrived, bound or contact)
        return Answered(f"{sentences.FOUND}\n\n{answered.text}", answered.assignment_id)

    def _wish(self, arrived: Arrived, contact: WechatContact, key: str) -> Answered:
        if contact.person_id is None:
            return Answered(self.binding.ask(contact))
        return self._contributed(
            arrived, contact, tapped=key if key in (*WISHES, GO_ON) else "repeat"
        )

    def _voice(self, arrived: Arrived, contact: WechatContact, heard: Heard | None) -> Answered:
        if contact.person_id is None:
            return Answered(f"{sentences.VOICE_FIRST_TYPE}{self.binding.ask(contact)}")
        if heard is None or not heard.words:
            return self.not_heard(arrived)
        return self._contributed(arrived, contact, heard=heard)

    def _unbound(self, contact: WechatContact, at: datetime) -> Answered:
        undone = self.people.unbind(contact.key, at)
        return Answered(sentences.UNBOUND if undone else sentences.NOT_BOUND)

    def _contributed(
        self,
        arrived: Arrived,
        contact: WechatContact,
        *,
        words: str = "",
        tapped: str = "",
        target: str = "",
        heard: Heard | None = None,
    ) -> Answered:
        assignment_id = self.assignment_of(contact)
        if assignment_id is None:
            return Answered(sentences.NOTHING_DUE.format(callback=self.office.callback))
        name = arrived.key.hex()
        utterance = Utterance(
            id=utterance_id(arrived.key),
            at=arrived.at,
            words=(heard.words if heard else words)[:1_000],
            tapped=tapped,
            target=target,
            confidence=heard.confidence if heard else None,
            hearings=heard.hearings if heard else (),
        )
        said = Contribution(name, contact.key.hex(), utterance)
        return Answered(reply_text(self.talk.take(assignment_id, said)), assignment_id)


def utterance_id(key: bytes) -> str:
    """Return how the utterance of a message is called in the records."""
    return f"wechat:{key.hex()[:32]}"
