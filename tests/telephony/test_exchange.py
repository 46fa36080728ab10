"""Calls with everything but the network: a real database, a virtual clock.

X01 a whole interview is stored like that of any channel, with the sound of each answer; X02 who
hangs up in the middle is asked the rest next time, after hearing who calls; X03 别打了 is honoured
for ever; X04 a stream without its token, or a second one, is refused; X05 machines, network
announcements and silence get their outcomes; X06 reports come late, twice and reversed; X07 how
somebody talks is known in the next call; X08 hours, tries and lines are kept when dialling; X09 a
call that was lost is put away; X10 a person takes over; X11 without a recogniser keys will do;
X12 who wants the rest in WeChat, or whose line breaks in the middle, is sent a link, once.
"""

import asyncio
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.attempt import Attempt
from models.call_hours import may_call
from models.clip import Clips
from models.failure import CallRefusedError
from models.opt_out import OptOuts
from models.outbox import Outbox
from models.talking import TalkingBook
from server.link import read_link
from server.settings import Settings
from server.telephone.dialler import international
from server.telephone.text_postman import TextPostman
from survey_engine.channel import Channel
from survey_engine.interview import Status
from telephony.call_report import Ending
from telephony.carrier import AnsweredBy, CallState, StatusReport
from telephony.carriers.fault import CarrierFault
from telephony.evidence import unpacked
from telephony.failure import CarrierError
from tests.telephony.coded_speech import noise, pause, spoken
from tests.telephony.county import REGION, county, person
from tests.telephony.paper_line import Line, PaperCarrier
from tests.telephony.people import answering
from tests.telephony.simulator import Person, Telephone


def outcome(attempt: Attempt) -> tuple[str | None, str | None]:
    return attempt.outcome, attempt.aapor


def saying(words: str, at_question: int = 1) -> Person:
    """Somebody who says one thing at the given question and then only listens."""

    async def live(telephone: Telephone) -> None:
        known = 0
        for _ in range(at_question):
            asked = await telephone.next_question(known)
            known = telephone.prompts.index(asked) + 1 if asked else 0
        telephone.say(spoken(words))
        await telephone.until(lambda: telephone.stopped_by_us, 300)

    return live


def test_a_whole_interview_is_stored_with_its_sound_x01(line: Line) -> None:
    report, _telephone = line.call(answering(line.answers()))
    interview = line.interview()
    assert interview.status is Status.COMPLETED
    assert report.ending is Ending.FINISHED
    [attempt] = line.attempts()
    assert outcome(attempt) == ("completed", "1.1")
    assert attempt.channel is Channel.VOICE
    answer = interview.answers["A3"]
    clip = Clips(line.service.database).get(answer.heard.utterance)
    assert "".join(word.text for word in clip.words) == answer.heard.words
    spoken_for = clip.words[0].end - clip.words[0].start
    assert 0.2 <= clip.words[0].start <= 0.45
    sound = unpacked(clip.sound, clip.format, clip.rate)
    assert sound.seconds == pytest.approx(spoken_for + 0.6, abs=0.15)
    [call] = line.exchange.calls.of(person(line.service).assignment_id)
    assert call.ended_at is not None
    kept = line.exchange.calls.report_of(call.id)
    assert kept["ending"] == "finished"
    spoken_prompts = kept["spoken"]
    assert isinstance(spoken_prompts, list)
    assert len(spoken_prompts) == len(report.spoken)


def test_who_hangs_up_is_asked_the_rest_next_time_x02(line: Line) -> None:
    answer = line.answers()

    async def leaves(telephone: Telephone) -> None:
        await answering(answer, most=5)(telephone)
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up("drop")

    report, _telephone = line.call(leaves)
    assert report.ending is Ending.HUNG_UP
    assert line.interview().status is Status.PAUSED
    assert outcome(line.attempts()[0]) == ("N12", "2.12")
    answered = set(line.interview().answers)
    report, telephone = line.call(answering(answer))
    assert line.interview().status is Status.COMPLETED
    assert "机器" in report.spoken[0].text
    assert "上回没问完" in "".join(one.text for one in report.spoken[:3])
    asked = {one.name.split(":")[1] for one in telephone.prompts if one.name.startswith("ask")}
    assert not asked & (answered - {"A1", "A2"})


def texts(line: Line, error: CarrierError | None = None) -> list[tuple[str, str]]:
    """Send what is due as the exchange does, and return what went out."""
    database, sent = line.service.database, list[tuple[str, str]]()

    class Sending(PaperCarrier):
        def text(self, to: str, words: str) -> str:
            if error:
                raise error
            sent.append((to, words))
            return "SM1"

    postman = TextPostman(Outbox(database), OptOuts(database), Sending(), "t")
    postman.send_due(line.now())
    return sent


def test_who_wants_the_rest_in_wechat_is_sent_a_link_x12(line: Line) -> None:
    async def wants(telephone: Telephone) -> None:
        await answering(line.answers(), most=4)(telephone)
        await telephone.next_question(len(telephone.prompts))
        telephone.say(spoken("你发我微信上吧，我自己填"))
        await telephone.until(lambda: telephone.stopped_by_us, 300)

    report, telephone = line.call(wants)
    interview = line.interview()
    assert interview.status is Status.PAUSED
    assert interview.answers
    assert "链接" in report.spoken[-1].text
    assert telephone.prompts[-1].played
    silent_carrier = CarrierError(CarrierFault.CARRIER_UNREACHABLE, what="发短信", reason="x")
    assert texts(line, silent_carrier) == []
    line.at += timedelta(minutes=1)
    [(to, words)] = texts(line)
    assert to == f"+86{person(line.service).telephone}"
    assert texts(line) == []
    found = re.search(r"/chat/([\w.-]+)", words)
    assert found is not None
    link = read_link(line.service.database.keys, found[1])
    assert link is not None
    assert line.service.chat.open(link, "browser", line.now())
    gone_on = line.interview()
    assert (gone_on.channel, gone_on.status) == (Channel.CHAT, Status.OPEN)
    assert set(interview.answers) <= set(gone_on.answers)


def test_a_line_that_breaks_in_the_middle_x12(line: Line) -> None:
    async def leaves(telephone: Telephone) -> None:
        await answering(line.answers(), most=4)(telephone)
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up("drop")

    line.call(leaves)
    assert len(texts(line)) == 1

    async def hangs_up(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.hang_up("drop")

    line.call(hangs_up, 1)
    line.call(saying("我在开车，晚上再打", 2), 2)
    assert texts(line) == []


def test_who_wants_no_calls_gets_none_x03(line: Line) -> None:
    report, telephone = line.call(saying("别打了，以后别再打来"))
    assert line.interview().status is Status.ENDED
    assert outcome(line.attempts()[0]) == ("N11", "2.11")
    assert telephone.prompts[-1].played
    assert "不再打电话" in report.spoken[-1].text
    assert OptOuts(line.service.database).holds(person(line.service).assignment_id)
    line.at += timedelta(days=700)
    with pytest.raises(CallRefusedError) as refused:
        line.dial()
    assert refused.value.reason == "opted-out"
    assert len(line.carrier.placed) == 1


def test_a_line_without_its_token_or_a_second_one_is_refused_x04(line: Line) -> None:
    call = line.dial()
    token = line.token(call)

    async def listens(telephone: Telephone) -> None:
        await telephone.until(lambda: telephone.stopped_by_us, 30)

    for wrong in ("", "x", token[:-1], "别"):
        report, telephone = line.hold(call, listens, token=wrong or " ")
        assert report is None
        assert telephone.first_sound == 0
    other = line.dial(1)
    report, telephone = line.hold(other, listens, token=token)
    assert report is None
    line.at += timedelta(minutes=5)
    assert line.hold(call, listens, token=token)[0] is None
    fresh = line.token(call)
    assert line.hold(call, listens, token=fresh)[0] is not None
    assert line.hold(call, listens, token=fresh)[0] is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("您好，您拨打的用户正忙，请稍后再拨", ("N15", "3.12")),
        ("您拨打的号码是空号，请核对后再拨", ("N14", "4.31")),
        ("您拨打的电话已停机", ("N14", "4.31")),
        ("您拨打的用户已关机", ("N15", "3.13")),
        ("您拨打的用户不在服务区，请稍后再拨", ("N15", "3.13")),
        ("请在嘀一声后留言", ("N15", "3.14")),
        ("您好，欢迎致电。普通话请按一，英语请按二，人工服务请按零", ("N15", "3.14")),
        ("请直拨分机号，查号请拨零", ("N15", "3.14")),
    ],
)
def test_network_announcements_are_no_people_x05(
    line: Line, words: str, expected: tuple[str, str]
) -> None:
    async def network(telephone: Telephone) -> None:
        telephone.say(pause(0.5) + spoken(words))
        await telephone.until(lambda: telephone.stopped_by_us, 60)

    report, telephone = line.call(network)
    assert report.ending is Ending.MACHINE
    assert outcome(line.attempts()[0]) == expected
    assert telephone.stopped_by_us
    again = line.service.store.interview(person(line.service).assignment_id)
    assert not again.answers


def test_silence_all_along_counts_as_nobody_x05(line: Line) -> None:
    async def silent(telephone: Telephone) -> None:
        await telephone.until(lambda: telephone.stopped_by_us, 300)

    line.call(silent)
    assert outcome(line.attempts()[0]) == ("N15", "3.13")


def test_a_machine_found_by_the_carrier_is_told_nothing_x05(line: Line) -> None:
    call = line.dial()

    async def beeps(telephone: Telephone) -> None:
        await asyncio.sleep(1)
        verdict = StatusReport(call.external_id or "", answered_by=AnsweredBy.MACHINE)
        line.exchange.reported(call.id, verdict)
        await telephone.until(lambda: telephone.stopped_by_us, 60)

    report, _telephone = line.hold(call, beeps)
    assert report is not None
    assert report.ending is Ending.MACHINE
    assert outcome(line.attempts()[0]) == ("N15", "3.14")


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [(AnsweredBy.MACHINE, Ending.MACHINE), (AnsweredBy.UNKNOWN, Ending.HUNG_UP)],
)
def test_a_verdict_that_another_process_was_told_counts_x05(
    line: Line, verdict: AnsweredBy, ending: Ending
) -> None:
    call, elsewhere = line.dial(), Line(line.service)

    async def beeps(telephone: Telephone) -> None:
        await asyncio.sleep(1)
        told = StatusReport(call.external_id or "", answered_by=verdict)
        elsewhere.exchange.reported(call.id, told)
        if not await telephone.until(lambda: telephone.stopped_by_us, 8):
            telephone.hang_up()

    report, _telephone = line.hold(call, beeps)
    assert report is not None
    assert report.ending is ending


def test_a_late_verdict_and_an_unsure_one_change_nothing_x05(line: Line) -> None:
    answer = line.answers()
    call = line.dial()
    name = call.external_id or ""
    line.exchange.reported(call.id, StatusReport(name, answered_by=AnsweredBy.UNKNOWN))

    async def human(telephone: Telephone) -> None:
        await answering(answer, most=2)(telephone)
        await telephone.next_question(len(telephone.prompts))
        verdict = StatusReport(name, answered_by=AnsweredBy.MACHINE)
        line.exchange.reported(call.id, verdict)
        await answering(answer, most=2)(telephone)
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    report, _telephone = line.hold(call, human)
    assert report is not None
    assert report.ending is Ending.HUNG_UP
    assert len(report.turns) >= 3


@pytest.mark.parametrize(
    ("state", "sip", "expected"),
    [
        (CallState.BUSY, 486, ("N15", "3.12")),
        (CallState.NO_ANSWER, None, ("N15", "3.13")),
        (CallState.FAILED, 404, ("N14", "4.31")),
        (CallState.FAILED, 503, ("N15", "3.16")),
        (CallState.CANCELED, None, ("N15", "3.16")),
    ],
)
def test_who_was_not_reached_gets_an_outcome_once_x06(
    line: Line, state: CallState, sip: int | None, expected: tuple[str, str]
) -> None:
    call = line.dial()
    report = StatusReport(call.external_id or "", state, 2, sip_code=sip)
    assert line.exchange.reported(call.id, report)
    assert line.exchange.reported(call.id, report)
    late = StatusReport(call.external_id or "", CallState.RINGING, 1)
    assert line.exchange.reported(call.id, late)
    assert outcome(line.attempts()[0]) == expected
    assert line.exchange.calls.get(call.id).state == state.value
    assert not line.exchange.reported("other", StatusReport("CA" + "f" * 32, state, 1))


def test_reports_reversed_and_without_numbers_x06(line: Line) -> None:
    call = line.dial()
    name = call.external_id or ""
    states = [(CallState.ANSWERED, 2), (CallState.RINGING, 1), (CallState.QUEUED, 0)]
    for state, number in states:
        line.exchange.reported(call.id, StatusReport(name, state, number))
    assert line.exchange.calls.get(call.id).state == "answered"
    line.exchange.reported(call.id, StatusReport(name, CallState.RINGING))
    line.exchange.reported(call.id, StatusReport(name, CallState.COMPLETED))
    assert line.exchange.calls.get(call.id).state == "completed"
    line.exchange.reported(call.id, StatusReport(name, CallState.ANSWERED, 9))
    assert line.exchange.calls.get(call.id).state == "completed"


def test_how_somebody_talks_is_known_in_the_next_call_x07(line: Line) -> None:
    async def slow(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.say(spoken("我想想那个") + pause(2.2) + spoken("我就是本人"))
        await telephone.next_question(len(telephone.prompts) + 1, 20)
        telephone.hang_up()

    line.call(slow)
    known = TalkingBook(line.service.database).of(person(line.service).assignment_id)
    assert known is not None
    assert known.pause == pytest.approx(2.2, abs=0.1)

    async def slower(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.say(spoken("我就") + pause(2.6) + spoken("是本人"))
        await telephone.next_question(len(telephone.prompts) + 1, 20)
        telephone.hang_up()

    report, _telephone = line.call(slower)
    assert [turn.words for turn in report.turns] == ["我就是本人"]


def test_nobody_is_called_at_the_wrong_time_or_too_often_x08(tmp_path: Path) -> None:
    with county(tmp_path, hours="09:00-12:00,14:00-20:00", tries_a_day=2, lines=2) as service:
        line = Line(service)
        line.at = datetime(2026, 10, 12, 4, 30, tzinfo=UTC)
        assert refusal(line) == "wrong-time"
        line.at = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
        call = line.dial()
        assert refusal(line) == "being-called"
        line.dial(1)
        assert refusal(line, 2) == "lines-taken"
        busy = StatusReport(call.external_id or "", CallState.BUSY, 1)
        line.exchange.reported(call.id, busy)
        again = line.dial()
        line.exchange.reported(again.id, StatusReport(again.external_id or "", CallState.BUSY, 1))
        assert refusal(line) == "tried-enough"
        line.at += timedelta(days=1)
        line.dial()
        assert len(line.attempts()) == 3


def test_nobody_is_tried_more_than_once_a_day_and_thrice_in_seven_x08(tmp_path: Path) -> None:
    default = Settings(data_dir=tmp_path)
    day, week = default.tries_a_day, default.tries_a_week
    with county(tmp_path / "county", tries_a_day=day, tries_a_week=week) as service:
        line, tried = Line(service), []
        first = line.at
        for passed in range(21):
            line.at = first + timedelta(days=passed, minutes=passed)
            with suppress(CallRefusedError):
                call = line.dial()
                line.exchange.reported(
                    call.id, StatusReport(call.external_id or "", CallState.BUSY, 1)
                )
                assert refusal(line) == "tried-enough"
                tried.append(passed)
        assert tried == [0, 1, 2, 7, 8, 9, 14, 15, 16]


def test_nobody_is_called_by_a_machine_that_cannot_speak_x08(tmp_path: Path) -> None:
    with county(tmp_path, voice="kokoro") as service:
        line = Line(service)
        assert refusal(line) == "mute"
        with pytest.raises(CallRefusedError, match="tingwen models fetch kokoro-82m"):
            line.dial()
        assert not line.carrier.placed
        assert not line.attempts()


def refusal(line: Line, index: int = 0) -> str:
    with pytest.raises(CallRefusedError) as refused:
        line.dial(index)
    return refused.value.reason


@pytest.mark.parametrize(
    ("hours", "at", "allowed"),
    [
        ("09:00-12:00,14:00-20:00", "2026-10-12T09:00+08:00", True),
        ("09:00-12:00,14:00-20:00", "2026-10-12T12:00+08:00", False),
        ("09:00-12:00,14:00-20:00", "2026-10-12T13:59+08:00", False),
        ("09:00-12:00,14:00-20:00", "2026-10-12T11:59+00:00", True),
        ("09:00-12:00", "2026-10-12T01:30+00:00", True),
        ("00:00-23:59", "2026-10-12T23:59+08:00", True),
        ("00:00-24:00", "2026-10-12T23:59+08:00", True),
        ("", "2026-10-12T03:00+08:00", True),
    ],
)
def test_the_hours_of_a_campaign_x08(hours: str, at: str, allowed: bool) -> None:
    assert may_call(hours, REGION, datetime.fromisoformat(at)) is allowed


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("13800138000", "+8613800138000"),
        ("0101234567", "+86101234567"),
        ("+852 1234", "+8521234"),
        ("", ""),
    ],
)
def test_numbers_as_carriers_want_them_x08(number: str, dialled: str) -> None:
    assert international(number) == dialled


def test_a_call_that_the_carrier_refuses_leaves_nothing_open_x08(line: Line) -> None:
    line.carrier.error = CarrierError(CarrierFault.CARRIER_NOT_SET, name="X")
    with pytest.raises(CarrierError):
        line.dial()
    assert outcome(line.attempts()[0]) == ("N15", "3.16")
    line.carrier.error = None
    line.dial()


def test_calls_that_were_lost_are_put_away_x09(line: Line) -> None:
    silent = line.dial()
    dropped = line.dial(1)
    token = line.token(dropped)
    claimed = line.exchange.calls.claim_media(dropped.external_id or "", token, line.now())
    assert claimed is not None
    assert line.exchange.sweep() == 0
    line.at += timedelta(hours=2)
    assert line.exchange.sweep() == 2
    assert outcome(line.attempts()[0]) == ("N15", "3.13")
    assert outcome(line.attempts(1)[0]) == ("N12", "2.12")
    assert line.exchange.calls.get(silent.id).ended_at is not None
    assert line.exchange.sweep() == 0


def test_calls_whose_reports_were_lost_are_asked_about_x09(line: Line) -> None:
    silent, goes_on, dropped = line.dial(), line.dial(1), line.dial(2)
    for call in (goes_on, dropped):
        name = call.external_id or ""
        assert line.exchange.calls.claim_media(name, line.token(call), line.now()) is not None
    line.carrier.states = {
        silent.external_id or "": CallState.BUSY,
        goes_on.external_id or "": CallState.ANSWERED,
        dropped.external_id or "": CallState.COMPLETED,
    }
    assert line.exchange.sweep() == 0
    assert [outcome(line.attempts(index)[0]) for index in range(3)] == [(None, None)] * 3
    line.at += timedelta(seconds=80)
    assert line.exchange.sweep() == 0
    assert outcome(line.attempts()[0]) == ("N15", "3.12")
    line.at += timedelta(seconds=61)
    assert line.exchange.sweep() == 1
    assert outcome(line.attempts(1)[0]) == (None, None)
    assert outcome(line.attempts(2)[0]) == ("N12", "2.12")


def test_a_person_takes_over_by_key_or_by_word_x10(line: Line) -> None:
    async def presses(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.press("0")
        await telephone.until(lambda: telephone.stopped_by_us, 60)

    for index, human in enumerate((presses, saying("我要找人工"))):
        report, telephone = line.call(human, index)
        assert line.interview(index).status is Status.WITH_PERSON
        assert report.ending is Ending.TRANSFERRED
        assert telephone.prompts[-1].played
    assert line.carrier.transferred == [(f"CA{n:032x}", "+8610123") for n in (1, 2)]


def test_without_a_recogniser_keys_will_do_x11(line: Line) -> None:
    line.recogniser.broken = True

    async def tries(telephone: Telephone) -> None:
        for words in ("我就是本人", "就是我"):
            await telephone.next_question(len(telephone.prompts))
            telephone.say(spoken(words))
        for _ in range(4):
            await telephone.next_question(len(telephone.prompts))
            telephone.press("1")
        telephone.hang_up()

    report, _telephone = line.call(tries)
    said = [one.text for one in report.spoken]
    assert any("没有听清楚" in text for text in said)
    assert any("用电话上的按键" in text for text in said)
    assert line.interview().answers["A1"].value == "1"


def test_noise_is_nobodys_words_x05(line: Line) -> None:
    async def hisses(telephone: Telephone) -> None:
        for _ in range(12):
            if await telephone.next_question(len(telephone.prompts), 30) is None:
                break
            telephone.say(noise(1.0))

    report, telephone = line.call(hisses)
    assert report.ending is Ending.TRANSFERRED
    assert line.interview().status is Status.WITH_PERSON
    assert telephone.stopped_by_us
    assert not line.interview().answers
