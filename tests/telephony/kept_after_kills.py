"""Whether the records hold what people were told was kept, once each, after kills."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from models.attempt import Attempts
from models.audit import verify
from models.rebuild import rebuild
from models.tables import InboundRow, PhoneCallRow
from server.service import Service
from server.telephone.exchange import Exchange, Voices
from server.telephone.ready import carrier_of
from survey_engine.channel import Channel
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.telephony.coded_speech import CodedRecogniser
from tests.telephony.killed_service import Called, Chatted, Town
from tests.telephony.quick_activity import QuickActivity

#: Longer than any lease of a call.
_LEASE = timedelta(hours=2)


def faults(at: Town) -> list[str]:
    """Return what the records have lost, doubled or broken.

    When people may be called next is none of it: that follows the limits of each process.
    """
    found = [f"chain: {one}" for one in verify(at.service.database)]
    for chatted in at.chats:
        found += _chat_faults(at.service, chatted)
    for called in at.calls:
        found += _call_faults(at.service, called)
    rebuilt = rebuild(at.service.database, at.service.shelf.find)
    return found + ([f"rebuilt: {rebuilt}"] if rebuilt.changed - rebuilt.callings else [])


def _bodies(service: Service, prefix: str) -> dict[str, str]:
    """Return what was kept under names that begin so, in order, by the rest of each name."""
    wanted = select(InboundRow.external_id, InboundRow.body)
    mine = InboundRow.external_id.startswith(prefix, autoescape=True)
    with service.database.reading() as connection:
        rows = connection.execute(wanted.where(mine).order_by(InboundRow.length)).all()
    return {row.external_id.removeprefix(prefix): row.body for row in rows}


def _chat_faults(service: Service, one: Chatted) -> list[str]:
    """Everything that was answered is kept, once, and nothing that nobody sent."""
    kept = {int(turn): body for turn, body in _bodies(service, f"{one.nonce}:").items()}
    lost, unsent = one.answered - set(kept), set(kept) - set(one.sent)
    found = [f"chat {one.nonce} lost {sorted(lost)}"] if lost else []
    found += [f"chat {one.nonce} has {sorted(unsent)} besides"] if unsent else []
    for turn, body in kept.items():
        said, sent = json.loads(body), one.sent.get(turn, {})
        given = sent.get("tapped") or sent.get("choice") or sent.get("words")
        if (said["tapped"] or said["words"]) != given:
            found.append(f"chat {one.nonce} has {body} for {sent}")
    return found


def _call_faults(service: Service, one: Called) -> list[str]:
    """What is kept of a call is what was said, in order, and no less than was answered."""
    turns = [json.loads(body) for name, body in _bodies(service, f"{one.call}:").items()
             if name.isdigit()]  # fmt: skip
    kept = [turn["words"] or turn["tapped"] for turn in turns if not turn["silence"]]
    if kept == one.said[: len(kept)] and len(kept) >= len(one.acknowledged):
        return []
    return [f"call {one.call} kept {kept} of {one.said}"]


def open_calls(service: Service) -> int:
    """Return how many calls occupy a line."""
    wanted = select(PhoneCallRow.id).where(PhoneCallRow.ended_at.is_(None))
    with service.database.reading() as connection:
        return len(connection.execute(wanted).all())


def put_away(at: Town) -> int:
    """Let the lease of every call run out, and return how many were put away by that."""
    clock = [datetime.now(UTC) + _LEASE]
    voices = Voices(Speaker(ToneVoice()), CodedRecogniser(), QuickActivity)
    exchange = Exchange(at.service, carrier_of(at.service.settings), voices, lambda: clock[0])
    found = exchange.sweep()
    clock[0] += _LEASE
    return found + exchange.sweep()


def open_attempts(at: Town) -> list[str]:
    """Return the calls whose attempt has no outcome."""
    attempts = Attempts(at.service.database)
    return [
        one.call
        for one in at.calls
        for attempt in attempts.of(one.case.assignment_id)
        if attempt.channel is Channel.VOICE and not attempt.outcome
    ]
