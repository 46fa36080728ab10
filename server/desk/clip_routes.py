"""The sound of one turn, for whoever may see the answer that rests on it."""

import io
import re
import wave
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.audit import AuditEntry, AuditLog
from models.clip import Clip, Clips
from server.desk.door import needs
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service
from telephony.audio import AudioChunk
from telephony.evidence import unpacked

_RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})")
Reviewing = Annotated[Sitting, needs(Permission.REVIEW)]


def clip_routes(service: Service) -> APIRouter:
    """Return the route of the sound; each first request for a clip is in the audit log."""
    router = APIRouter(prefix="/desk/clip")

    @router.get("/{utterance:path}")
    def listen(request: Request, utterance: str, sitting: Reviewing) -> Response:
        clip = Clips(service.database).get(utterance)
        sitting.records.interview_assignment(clip.interview_id)
        asked = _RANGE.fullmatch(request.headers.get("range", ""))
        if asked is None or asked[1] == "0":
            _note(service, sitting, utterance)
        return _part(wav_of(clip), asked)

    return router


def _note(service: Service, sitting: Sitting, utterance: str) -> None:
    entry = AuditEntry(
        at=datetime.now(UTC), actor=sitting.login, action="clip.listen", object=utterance
    )
    AuditLog(service.database).add(entry)


def wav_of(clip: Clip) -> bytes:
    """Return a clip as a WAV file of 16-bit samples, which every browser plays."""
    return wav(unpacked(clip.sound, clip.format, clip.rate))


def wav(plain: AudioChunk) -> bytes:
    """Return 16-bit samples as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(plain.format.rate)
        file.writeframes(plain.data)
    return out.getvalue()


def _part(sound: bytes, asked: re.Match[str] | None) -> Response:
    """Return the whole file, or the bytes asked for, so that a player can jump (RFC 9110, 14)."""
    headers = {"accept-ranges": "bytes", "cache-control": "no-store"}
    if asked is None:
        return Response(sound, media_type="audio/wav", headers=headers)
    first, last = int(asked[1]), min(int(asked[2] or len(sound) - 1), len(sound) - 1)
    if first > last:
        headers["content-range"] = f"bytes */{len(sound)}"
        return Response(status_code=416, headers=headers)
    headers["content-range"] = f"bytes {first}-{last}/{len(sound)}"
    part = sound[first : last + 1]
    return Response(part, status_code=206, media_type="audio/wav", headers=headers)
