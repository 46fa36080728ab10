"""A media stream read and written: what is exact, and what is odd but survived."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.audio import NARROW, TELEPHONE, WIDE, AudioChunk, silence
from telephony.carriers.twilio_line import LONGEST, TwilioLine
from telephony.failure import LineError
from telephony.line import Ended, Key, Marked, Sound, Started
from tests.telephony import twilio_messages as said
from tests.telephony.twilio_messages import CALL, STREAM

FRAME = b"\x7f" * 160


def started() -> TwilioLine:
    line = TwilioLine()
    line.receive(said.connected())
    line.receive(said.start())
    return line


def test_a_stream_from_connected_to_stop() -> None:
    line = TwilioLine()
    assert line.receive(said.connected()) == ()
    assert line.receive(said.start({"token": "t", "名": "张"})) == (
        Started(CALL, STREAM, TELEPHONE, {"token": "t", "名": "张"}),
    )
    assert line.receive(said.media(FRAME, 2)) == (Sound(AudioChunk(TELEPHONE, FRAME)),)
    assert line.receive(said.dtmf("5", 3)) == (Key("5"),)
    assert line.receive(said.mark("ask:A1:1", 4)) == (Marked("ask:A1:1"),)
    assert line.receive(said.stop(5)) == (Ended(),)
    assert line.counted == {}


def test_what_we_send() -> None:
    line = started()
    [text] = line.sound(AudioChunk(TELEPHONE, FRAME))
    payload = base64.b64encode(FRAME).decode()
    media = {"event": "media", "streamSid": STREAM, "media": {"payload": payload}}
    assert json.loads(str(text)) == media
    [text] = line.mark('say:"名":3')
    assert json.loads(str(text)) == {
        "event": "mark", "streamSid": STREAM, "mark": {"name": 'say:"名":3'},
    }  # fmt: skip
    [text] = line.clear()
    assert json.loads(str(text)) == {"event": "clear", "streamSid": STREAM}


def test_other_sound_is_sent_as_the_stream_wants_it() -> None:
    [text] = started().sound(silence(1, NARROW))
    assert base64.b64decode(json.loads(str(text))["media"]["payload"]) == b"\xff" * 8_000


def test_nothing_is_sent_before_start_nor_after_stop() -> None:
    line = TwilioLine()
    assert not line.sound(AudioChunk(TELEPHONE, FRAME)) + line.mark("m") + line.clear()
    line = started()
    line.receive(said.stop(2))
    assert not line.sound(AudioChunk(TELEPHONE, FRAME)) + line.mark("m") + line.clear()


def test_numbers_may_be_numbers_and_fields_may_be_missing_or_more() -> None:
    line = TwilioLine()
    message = json.loads(said.start())
    message |= {"sequenceNumber": 1, "new": [1, {"a": None}]}
    message["start"]["mediaFormat"] = {"encoding": "audio/x-mulaw", "sampleRate": "8000"}
    message["start"]["customParameters"] = {"a": 1, "b": None, "c": 1.5}
    [event] = line.receive(json.dumps(message))
    assert isinstance(event, Started)
    assert event.parameters == {"a": "1", "b": "", "c": "1.5"}
    bare = {"event": "media", "media": {"payload": base64.b64encode(FRAME).decode()}}
    for _ in range(3):
        assert line.receive(json.dumps(bare)) == (Sound(AudioChunk(TELEPHONE, FRAME)),)
    message = json.loads(said.media(FRAME, 2))
    message["sequenceNumber"], message["media"]["chunk"] = 2, 1
    assert line.receive(json.dumps(message)) == (Sound(AudioChunk(TELEPHONE, FRAME)),)


def test_a_start_without_anything_about_sound_is_a_telephone() -> None:
    line = TwilioLine()
    [event] = line.receive(json.dumps({"event": "start", "streamSid": STREAM}))
    assert event == Started("", STREAM, TELEPHONE, {})


@pytest.mark.parametrize(
    "media",
    [
        {"encoding": "audio/opus"},
        {"sampleRate": 7},
        {"sampleRate": True, "encoding": "x"},
        {"channels": 2},
    ],
)
def test_sound_that_nobody_can_read_closes_the_line(media: object) -> None:
    message = json.loads(said.start())
    message["start"]["mediaFormat"] = media
    with pytest.raises(LineError) as caught:
        TwilioLine().receive(json.dumps(message))
    assert caught.value.code == "unknown-sound"


@pytest.mark.parametrize("seconds", [1 / 8_000, 60])
def test_a_payload_of_any_length_is_taken(seconds: float) -> None:
    sound = b"\xff" * round(8_000 * seconds)
    assert started().receive(said.media(sound, 2)) == (Sound(AudioChunk(TELEPHONE, sound)),)


def test_half_a_sample_spoils_nothing_that_follows() -> None:
    line, message = TwilioLine(), json.loads(said.start())
    message["start"]["mediaFormat"] = {"encoding": "audio/l16", "sampleRate": 16000, "channels": 1}
    line.receive(json.dumps(message))
    assert line.receive(said.media(b"\1\2\3", 2)) == (Sound(AudioChunk(WIDE, b"\1\2")),)
    assert line.receive(said.media(b"\1", 3)) == ()
    assert line.receive(said.media(b"\1\2", 4)) == (Sound(AudioChunk(WIDE, b"\1\2")),)
    assert line.counted == {"half-sample": 2, "empty-payload": 1}


def test_numbers_that_are_skipped_or_go_back_lose_nothing_and_repeats_count_once() -> None:
    line = started()
    frames = [line.receive(said.media(FRAME, number)) for number in (2, 9, 5, 5, 6)]
    assert [len(one) for one in frames] == [1, 1, 1, 0, 1]
    assert line.receive(said.dtmf("5", 7)) == (Key("5"),)
    assert line.receive(said.dtmf("5", 7)) == ()
    assert line.receive(said.dtmf("5", 8)) == (Key("5"),)
    assert line.counted == {"repeated": 2}


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"\x00\x01", "binary"),
        ("", "no-object"),
        ("[]", "no-object"),
        ("{" * 100_000, "no-object"),
        ("[" * 100_000, "no-object"),
        ('{"event": 7}', "unknown-event"),
        ('{"event": "brand-new"}', "unknown-event"),
        ("x" * (LONGEST + 1), "too-long"),
        (said.start(), "second-start"),
        (said.media(FRAME, 2, "MZ" + "f" * 32), "media-not-mine"),
        (said.media(b"", 2), "empty-payload"),
        (said.media(FRAME, 2).replace('"inbound"', '"outbound"'), "other-track"),
        ('{"event":"media","media":{"payload":"%%%"}}', "payload-not-base64"),
        ('{"event":"media","media":{"payload":"QUJ"}}', "payload-not-base64"),
        ('{"event":"media","media":{"payload":"名"}}', "payload-not-base64"),
        ('{"event":"media","media":{"payload":7}}', "payload-not-base64"),
        ('{"event":"media","media":7}', "empty-payload"),
        ('{"event":"media"}', "empty-payload"),
        ('{"event":"dtmf","dtmf":{"digit":"55"}}', "no-key"),
        ('{"event":"dtmf","dtmf":{"digit":"５"}}', "no-key"),
        ('{"event":"mark","mark":{}}', "no-mark"),
        (said.stop(9, "MZ" + "f" * 32), "stop-not-mine"),
    ],
)
def test_what_does_not_fit_is_counted_and_the_line_goes_on(message: str | bytes, why: str) -> None:
    line = started()
    assert line.receive(message) == ()
    assert line.counted == {why: 1}
    assert line.receive(said.dtmf("1", 99)) == (Key("1"),)


def test_media_before_start_is_nobodys() -> None:
    line = TwilioLine()
    assert line.receive(said.media(FRAME, 1)) == ()
    assert line.receive(said.stop(2)) == ()
    assert len(line.receive(said.start())) == 1


def test_a_second_stop_ends_nothing_more() -> None:
    line = started()
    assert line.receive(said.stop(2)) == (Ended(),)
    assert line.receive(said.stop(2)) == ()
    assert line.receive(said.media(FRAME, 3)) == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_NAMES = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "x"])
_KNOWN = st.sampled_from(
    ["event", "streamSid", "start", "media", "dtmf", "mark", "payload", "sequenceNumber", "track"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(_NAMES, st.dictionaries(_KNOWN, _JSON, max_size=5)), max_size=6))
def test_no_message_breaks_the_reader(messages: list[tuple[str, dict[str, object]]]) -> None:
    line = TwilioLine()
    for name, fields in messages:
        try:
            line.receive(json.dumps({**fields, "event": name}))
        except LineError:
            return
