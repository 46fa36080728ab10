"""The messages of a Twilio media stream, as the carrier writes them."""

import base64
import json
from collections.abc import Mapping

STREAM, CALL = "MZ" + "0" * 32, "CA" + "0" * 32
ACCOUNT = "AC" + "0" * 32


def connected() -> str:
    return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})


def start(
    parameters: Mapping[str, str] | None = None, stream: str = STREAM, call: str = CALL
) -> str:
    about = {
        "accountSid": ACCOUNT,
        "streamSid": stream,
        "callSid": call,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": dict(parameters or {}),
    }
    message = {"event": "start", "sequenceNumber": "1", "streamSid": stream, "start": about}
    return json.dumps(message)


def media(sound: bytes, number: int, stream: str = STREAM, *, chunk: int = 0) -> str:
    about = {
        "track": "inbound",
        "chunk": str(chunk or number - 1),
        "timestamp": str(20 * (number - 2)),
        "payload": base64.b64encode(sound).decode(),
    }
    message = {"event": "media", "sequenceNumber": str(number), "streamSid": stream, "media": about}
    return json.dumps(message)


def dtmf(digit: str, number: int, stream: str = STREAM) -> str:
    about = {"track": "inbound_track", "digit": digit}
    return json.dumps(
        {"event": "dtmf", "streamSid": stream, "sequenceNumber": str(number), "dtmf": about}
    )


def mark(name: str, number: int, stream: str = STREAM) -> str:
    return json.dumps(
        {
            "event": "mark",
            "sequenceNumber": str(number),
            "streamSid": stream,
            "mark": {"name": name},
        }
    )


def stop(number: int, stream: str = STREAM, call: str = CALL) -> str:
    about = {"accountSid": ACCOUNT, "callSid": call}
    return json.dumps(
        {"event": "stop", "sequenceNumber": str(number), "streamSid": stream, "stop": about}
    )
