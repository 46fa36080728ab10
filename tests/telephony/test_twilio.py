"""Twilio's REST interface, asked over a real socket, and what it reports."""

import socket
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from telephony.carrier import AnsweredBy, CallState, Order
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.twilio_status import read_report
from telephony.failure import CarrierError
from telephony.texting import Texting
from tests.telephony.twilio_api import TwilioApi, twilio_api

ORDER = Order("+8613800138000", "https://h/twilio/voice?call=1", "https://h/twilio/status?call=1")
ACCOUNT = "AC" + "0" * 32


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


@pytest.fixture
def carrier(api: TwilioApi) -> TwilioCarrier:
    return TwilioCarrier(ACCOUNT, "token", "+8610000000", f"{api.base}/below")


def test_a_call_is_placed_with_all_that_is_needed(api: TwilioApi, carrier: TwilioCarrier) -> None:
    assert carrier.place(ORDER) == "CA" + "0" * 32
    [(method, path, form)] = api.asked
    assert (method, path) == ("POST", f"/below/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert form["To"] == ["+8613800138000"]
    assert form["From"] == ["+8610000000"]
    assert form["Url"] == [ORDER.voice_url]
    assert form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert form["AsyncAmd"] == ["true"]
    assert "SendDigits" not in form


def test_hanging_up_twice_is_no_error(api: TwilioApi, carrier: TwilioCarrier) -> None:
    call = carrier.place(ORDER)
    carrier.hang_up(call)
    assert carrier.status(call) is CallState.COMPLETED
    carrier.hang_up("CA" + "f" * 32)


def test_a_transfer_dials_and_then_ends(api: TwilioApi, carrier: TwilioCarrier) -> None:
    carrier.transfer(carrier.place(ORDER), "+8612345")
    twiml = ET.fromstring(api.asked[-1][2]["Twiml"][0])
    assert [(verb.tag, verb.text) for verb in twiml] == [("Dial", "+8612345"), ("Hangup", None)]


def test_an_answer_connects_the_sound_and_then_hangs_up(carrier: TwilioCarrier) -> None:
    twiml = ET.fromstring(carrier.answer("wss://h/twilio/media", {"token": 'a"<名>'}))
    assert [verb.tag for verb in twiml] == ["Connect", "Hangup"]
    [stream] = twiml[0]
    assert stream.attrib == {"url": "wss://h/twilio/media"}
    assert [one.attrib for one in stream] == [{"name": "token", "value": 'a"<名>'}]


def test_a_text_message_is_sent_from_our_number(api: TwilioApi, carrier: TwilioCarrier) -> None:
    assert isinstance(carrier, Texting)
    assert carrier.can_text
    assert carrier.text("+8613800138000", "点开：https://h/chat/1").startswith("SM")
    [(method, path, form)] = api.asked
    assert (method, path) == ("POST", f"/below/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert (form["To"], form["From"]) == (["+8613800138000"], ["+8610000000"])
    assert form["Body"] == ["点开：https://h/chat/1"]
    assert not TwilioCarrier(ACCOUNT, "token", "").can_text


def test_a_refusal_names_status_and_code(api: TwilioApi, carrier: TwilioCarrier) -> None:
    api.refuse = (400, 21211)
    with pytest.raises(CarrierError, match="21211") as caught:
        carrier.place(ORDER)
    assert caught.value.code == "carrier-refused"
    with pytest.raises(CarrierError):
        carrier.hang_up("CA" + "0" * 32)


def test_nobody_there_and_nothing_set_are_said_in_one_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(CarrierError) as caught:
        TwilioCarrier(ACCOUNT, "t", "+1", base).place(ORDER)
    assert caught.value.code == "carrier-unreachable"
    with pytest.raises(CarrierError, match="TINGWEN_TWILIO_AUTH_TOKEN"):
        TwilioCarrier(ACCOUNT, "", "+1").place(ORDER)


def test_reports_are_read_and_unknown_words_say_nothing() -> None:
    report = read_report({"CallSid": "CA1", "CallStatus": "no-answer", "SequenceNumber": "3"})
    assert (report.state, report.sequence) == (CallState.NO_ANSWER, 3)
    odd = read_report({"CallStatus": "vanished", "SequenceNumber": "９"})
    assert (odd.call, odd.state, odd.sequence, odd.answered_by) == ("", None, None, None)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("human", AnsweredBy.HUMAN),
        ("machine_start", AnsweredBy.MACHINE),
        ("machine_end_beep", AnsweredBy.MACHINE),
        ("fax", AnsweredBy.FAX),
        ("unknown", AnsweredBy.UNKNOWN),
        ("machine_new", AnsweredBy.UNKNOWN),
    ],
)
def test_verdicts_on_who_answered(said: str, meant: AnsweredBy) -> None:
    report = read_report({"CallSid": "CA1", "AnsweredBy": said})
    assert report.answered_by is meant
