"""Talking in WeChat.

T01 somebody is found by name and last four places, and only by both; T02 wrong answers are few a
day; T03 a ticket binds one account, by message, by scanning and by following; T04 what is tapped
counts for its own question; T05 an interview begun elsewhere goes on; T06 the same message counts
once, whatever stands in it; T07 unbinding; T08 pictures and places are answered kindly; T09
another who is bound to the same person shows anew who they are.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialog.message import offers
from dialog.utterance import Utterance
from models.roster import Roster
from server.link import new_link
from server.wechat import sentences
from server.wechat.ticket import new_ticket
from survey_engine.channel import Channel
from survey_engine.interview import Status
from tests.models.sample import row
from tests.server.wechat.account import Sender, Sent, message_id
from tests.server.wechat.conftest import Account


def test_by_name_and_last_four_t01(account: Account) -> None:
    person = row(1)
    somebody = Sender("oNameAndPlaces-1")
    assert sentences.ASK_NAME in account.said(somebody.event("subscribe"))
    assert account.said(somebody.text("1042")) == sentences.NOT_NAME
    assert account.said(somebody.text(person.name)) == sentences.ASK_LAST4
    assert account.said(somebody.text("一零四二")) == sentences.NOT_LAST4
    assert "对不上" in account.said(somebody.text("0000"))
    account.said(somebody.text(person.name))
    said = account.said(somebody.text(person.certificate[:20][-4:]))
    assert said.startswith(sentences.FOUND)
    assert sentences.WISHES in said
    interview = account.service.store.interview(account.case(1).assignment_id)
    assert interview.channel is Channel.WECHAT


@pytest.mark.parametrize(
    "words", ["你好", "在吗？", "我是本人", "有事吗", "一零四二", "13800138000"]
)
def test_a_greeting_is_no_name_t01(account: Account, words: str) -> None:
    somebody = Sender(f"oGreeting-{len(words)}{ord(words[0])}")
    account.said(somebody.event("subscribe"))
    assert account.said(somebody.text(words)) == sentences.NOT_NAME


@pytest.mark.parametrize(
    "said",
    [
        ("张试用甲 {last4}",),
        ("我叫张试用甲，证号后四位是{last4}",),
        ("姓名：张试用甲", "{wide}"),
        ("你好", "张某某", "张试用甲", "{whole}"),
        ("张试用甲", "我的残疾证号后四位是{last4}"),
        ("张试用甲", "好的，{last4}"),
        ("李某某", "张试用甲 {last4}"),
    ],
)
def test_as_people_write_who_they_are_t01(account: Account, said: tuple[str, ...]) -> None:
    person = replace(row(8), name="张试用甲")
    Roster(account.service.database).keep("c", [person], by="t", at=datetime.now(UTC))
    last4 = person.certificate[:20][-4:]
    wide = "".join(chr(ord(one) + 0xFEE0) for one in last4)
    somebody = Sender(f"oAsTheyWrite-{sum(map(ord, ''.join(said)))}")
    account.said(somebody.event("subscribe"))
    for words in said:
        told = account.said(
            somebody.text(words.format(last4=last4, wide=wide, whole=person.certificate))
        )
    assert told.startswith(sentences.FOUND)


def test_few_wrong_answers_a_day_t02(account: Account) -> None:
    person = row(2)
    guesser = Sender("oGuesser-000001")
    account.said(guesser.text("你好"))
    for number in range(5):
        account.said(guesser.text(person.name))
        assert "对不上" in account.said(guesser.text(f"00{number:02}"))
    account.said(guesser.text(person.name))
    assert "明天再试" in account.said(guesser.text(person.certificate[:20][-4:]))
    assert not bound(account, guesser)


def bound(account: Account, sender: Sender) -> bool:
    from models.wechat_contact import contact_key

    people = account.front.parts.people
    contact = people.get(contact_key(account.service.database.keys, sender.open_id))
    return contact is not None and contact.person_id is not None


WAYS: dict[str, Callable[[Sender, str], Sent]] = {
    "message": lambda one, ticket: one.text(ticket),
    "scan": lambda one, ticket: one.event("SCAN", ticket),
    "subscribe": lambda one, ticket: one.event("subscribe", f"qrscene_{ticket}"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_ticket_binds_one_account_t03(account: Account, way: str) -> None:
    ticket = account.ticket(3)
    first, second = Sender(f"oFirst-{way}"), Sender(f"oSecond-{way}")
    sent = WAYS[way]
    assert account.said(sent(first, ticket)).startswith(sentences.FOUND)
    assert account.said(sent(second, ticket)) == sentences.TICKET_WRONG
    assert (bound(account, first), bound(account, second)) == (True, False)


def test_bad_tickets_t03(account: Account) -> None:
    somebody = Sender("oBadTickets-1")
    keys, case = account.service.database.keys, account.case(3)
    old = new_ticket(case.assignment_id, datetime.now(UTC) - timedelta(hours=80), 72).text(keys)
    good = account.ticket(3)
    for wrong in (old, good[:-2] + ("AA" if good[-2:] != "AA" else "BB"), "A" * 58):
        assert account.said(somebody.text(wrong)) == sentences.TICKET_WRONG
    assert not bound(account, somebody)


def test_what_is_tapped_counts_for_its_question_t04(account: Account) -> None:
    somebody = Sender("oTapping-00001")
    said = account.bind(somebody, 4)
    assert "weixin://bizmsgmenu?msgmenucontent=" in said
    interview = account.service.store.interview(account.case(4).assignment_id)
    assert interview.wait is not None
    before = interview.wait.target
    late = {"MsgType": "text", "Content": "好", "bizmsgmenuid": "D2~yes", **message_id()}
    account.said(somebody.send(late))
    waiting = account.service.store.interview(account.case(4).assignment_id).wait
    assert waiting is not None
    assert waiting.target == before
    tapped = offers(interview)[0].sends
    right = {**late, "bizmsgmenuid": f"{before}~{tapped}", **message_id()}
    account.said(somebody.send(right))
    waiting = account.service.store.interview(account.case(4).assignment_id).wait
    assert waiting is not None
    assert waiting.target != before


def test_goes_on_from_a_chat_t05(account: Account) -> None:
    case, now = account.case(5), datetime.now(UTC)
    chat = account.service.chat
    link = new_link(case.assignment_id, now, 1)
    assert chat.open(link, "browser", now)
    view = chat.view(link)
    chat.take(link, view.turn, Utterance(id="x", at=now, tapped="yes", target=view.target))
    before = account.service.store.interview(case.assignment_id)
    somebody = Sender("oFromTheChat-1")
    said = account.bind(somebody, 5)
    after = account.service.store.interview(case.assignment_id)
    assert (after.status, after.channel) == (Status.OPEN, Channel.WECHAT)
    assert after.answers.keys() == before.answers.keys()
    assert said
    attempts = account.service.contacts.attempts.of(case.assignment_id)
    assert [one.channel for one in attempts] == [Channel.CHAT, Channel.WECHAT]
    account.said(somebody.text("以后再说"))
    assert account.service.store.interview(case.assignment_id).status is Status.PAUSED
    account.said(somebody.text("继续"))
    assert account.service.store.interview(case.assignment_id).status is Status.OPEN


def test_who_waits_for_a_person_may_go_on_t05(account: Account) -> None:
    case, somebody = account.case(9), Sender("oDoesNotWait-01")
    account.bind(somebody, 9)

    def status() -> Status:
        return account.service.store.interview(case.assignment_id).status

    assert "weixin://" not in account.said(somebody.text("找人工"))
    assert status() is Status.WITH_PERSON
    said = account.said(somebody.text("有人吗"))
    assert "msgmenucontent=%E6%8E%A5%E7%9D%80%E7%AD%94" in said
    assert status() is Status.WITH_PERSON
    tapped = {"MsgType": "text", "Content": "接着答", "bizmsgmenuid": "go-on", **message_id()}
    assert account.said(somebody.send(tapped))
    assert status() is Status.OPEN
    attempts = account.service.contacts.attempts.of(case.assignment_id)
    assert [one.ended_at is None for one in attempts] == [False, True]
    waiting = account.service.store.interview(case.assignment_id).wait
    account.said(somebody.event("CLICK", "go-on", datetime.now(UTC)))
    assert account.service.store.interview(case.assignment_id).wait == waiting


def test_who_thought_it_a_fraud_may_come_back_t05(account: Account) -> None:
    case, somebody = account.case(9), Sender("oNoFraudAtAll-1")
    account.bind(somebody, 9)
    account.said(somebody.text("骗子吧"))
    store = account.service.store
    assert store.interview(case.assignment_id).status is Status.ENDED
    assert "接着答" in account.said(somebody.text("你好"))
    assert store.interview(case.assignment_id).status is Status.ENDED
    account.said(somebody.text("接着答"))
    interview = store.interview(case.assignment_id)
    assert (interview.status, interview.outcomes) == (Status.OPEN, ())


@pytest.mark.parametrize(
    "words",
    ["😀👩‍👩‍👧𠮷", "\u202e是不\u202c", "\u200b\u200b", "本\u200b人", "长" * 2_000, "<b>&lt;</b>"],
    ids=["emoji", "direction", "nothing-seen", "within", "long", "markup"],
)
def test_odd_words_are_kept_once_as_they_came_t06(account: Account, words: str) -> None:
    somebody = Sender("oOddWords-0001")
    account.bind(somebody, 6)
    account.said(somebody.text("接着答"))
    store, assignment = account.service.store, account.case(6).assignment_id
    before = store.interview(assignment).length
    sent = somebody.text(words)
    assert account.said(sent)
    assert account.last_words(6) == words.strip()[:1_000]
    after = store.interview(assignment).length
    assert after > before
    account.said(sent)
    assert store.interview(assignment).length == after


def test_the_same_message_counts_once_t06(account: Account) -> None:
    somebody = Sender("oTwice-0000001")
    account.bind(somebody, 6)
    sent = {"MsgType": "text", "Content": "你们是谁", **message_id()}
    first = account.said(somebody.send(sent))
    length = account.service.store.interview(account.case(6).assignment_id).length
    assert first
    assert account.said(somebody.send(sent)) == first
    again = somebody.send(sent, nonce="7777777777")
    assert account.said(again) == first
    assert account.said(again) == first
    assert account.service.store.interview(account.case(6).assignment_id).length == length


def test_the_same_event_counts_once_t06(account: Account) -> None:
    somebody = Sender("oEventTwice-01")
    account.bind(somebody, 7)
    at = datetime.now(UTC)
    first = account.said(somebody.event("CLICK", "repeat", at))
    length = account.service.store.interview(account.case(7).assignment_id).length
    assert account.said(somebody.event("CLICK", "repeat", at)) == first
    assert account.service.store.interview(account.case(7).assignment_id).length == length
    account.said(somebody.event("CLICK", "repeat", at + timedelta(seconds=1)))
    assert account.service.store.interview(account.case(7).assignment_id).length > length


def test_unbinding_t07(account: Account) -> None:
    somebody = Sender("oUnbinding-001")
    account.bind(somebody, 8)
    assert account.said(somebody.text("解绑")) == sentences.UNBOUND
    assert not bound(account, somebody)
    assert account.said(somebody.event("CLICK", "unbind")) == sentences.NOT_BOUND
    assert account.said(somebody.text("在吗")) == sentences.ASK_NAME


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"MsgType": "image", "PicUrl": "http://x", "MediaId": "m"}, sentences.NO_PICTURE),
        ({"MsgType": "video", "MediaId": "m"}, sentences.NO_PICTURE),
        ({"MsgType": "location", "Location_X": "1.0"}, sentences.NO_PLACE),
    ],
)
def test_pictures_and_places_t08(account: Account, fields: dict[str, str], said: str) -> None:
    assert account.said(Sender().send({**fields, **message_id()})) == said


def test_silent_events_t08(account: Account) -> None:
    somebody = Sender("oSilentEvents-1")
    for event in ("LOCATION", "VIEW", "unsubscribe", "TEMPLATESENDJOBFINISH"):
        assert account.post(somebody.event(event)) == (200, "")


def test_another_shows_anew_who_they_are_t09(account: Account) -> None:
    mother, daughter = Sender("oMother-000001"), Sender("oDaughter-0001")
    account.bind(mother, 7)
    account.said(mother.text("本人"))
    account.bind(daughter, 7)
    words = "一九六零年"
    account.said(mother.text(words))
    interview = account.service.store.interview(account.case(7).assignment_id)
    assert interview.status is Status.OPEN
    assert account.last_words(7) == words
    assert all(answer.heard.words != words for answer in interview.answers.values())
