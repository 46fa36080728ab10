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
from survey_engine.half_width import half_width

_NAME = re.compile(r"(?!.*[0-9]{2})[^\W\d_][\w·.•\- ]{1,29}")
#: How people begin when they say their name, and what stands between it and the places.
_CALLED = re.compile(r"(?:我叫|我是|我的名字是?|名字是?|姓名是?|叫)[：:\s]*")
_BETWEEN = r"[\s，,。、;；:：]*(?:证号)?(?:最后|后)?(?:四位|4位)?(?:数?是)?[\s:：]*"
_LAST4 = re.compile(r"[0-9A-Za-z]{4}")
_BOTH = re.compile(rf"(?P<name>\D*?[^\W\d]){_BETWEEN}(?P<places>[0-9][0-9A-Za-z]{{3}})")
#: What people write before the four places that is no name: 我的残疾证号是, 尾号, 应该是.
_OF_PLACES = re.compile(
    r"(?:我|的|这|个|是|好|嗯|应该|残疾|身份|人|证|件|编?号|码|尾|最|后|面|四|位|数)+"
)
_WHOLE = re.compile(r"([0-9]{17}[0-9Xx][0-9]{2})(?:[Bb][0-9])?")
_NUMERALS = frozenset("零〇一二三四五六七八九幺两十")
_ANEW = frozenset({"重来", "重新来", "重填"})
#: What people write to an account before they have read what it asks.
_BEFOREHAND = """
你好 您好 你好啊 您好啊 早上好 上午好 下午好 晚上好 在吗 在不在 在么 有人吗 有人么 喂
好 好的 好呢 嗯 嗯嗯 行 可以 是 是的 对 对的 没有 不是 本人 我本人 家属 开始 谢谢 收到 知道了
什么 什么事 什么意思 啥事 啥意思 干什么 干啥 做什么 怎么弄 怎么填 你是谁 你们是谁 谁啊
人工 找人工 转人工 客服 帮助 菜单 不知道 不晓得 再说一遍 以后再说 接着答 改一下 不想说 骗子 骗子吧
"""
_GREETINGS = frozenset(_BEFOREHAND.split())


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
        both = _BOTH.fullmatch(half_width(words))
        name = _name_in(both["name"] if both else words)
        if both and name:
            return self._judged(contact, name, both["places"], now)
        if contact.asked == "" or words in _ANEW:
            return self.ask(contact)
        last4 = both["places"] if both else _places_in(words)
        if contact.asked == "last4" and last4:
            return self._judged(contact, contact.name or "", last4, now)
        if name:
            self.contacts.ask(contact.key, "last4", name)
            return sentences.ASK_LAST4
        return sentences.NOT_NAME if contact.asked == "name" else sentences.NOT_LAST4

    def _judged(self, contact: WechatContact, name: str, last4: str, now: datetime) -> str:
        """Whether a name exists must not show, so name and places are judged together."""
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


def _name_in(words: str) -> str:
    """Return the name that somebody wrote, without what they said around it; empty for none."""
    name = _CALLED.sub("", words.strip(" ，,。.！!"), count=1).strip()
    asks = name.endswith(("吗", "呢", "么", "啊", "吧")) or set(name) <= _NUMERALS
    odd = asks or name in _GREETINGS or _OF_PLACES.fullmatch(name)
    return name if _NAME.fullmatch(name) and not odd else ""


def _places_in(words: str) -> str:
    """Return the last four places, of a whole number as well; empty if they are not there."""
    plain = "".join(half_width(words).split())
    whole = _WHOLE.fullmatch(plain)
    if whole:
        return whole[1][-4:]
    return plain if _LAST4.fullmatch(plain) else ""
