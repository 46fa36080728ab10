"""What ARI's events say about a call, in our words.

A channel's end is told with a cause of ITU-T Q.850; 0 means that nobody gave one, as when it rang
for as long as it may. Some ends have a cause and no busy tone, some the other way round, so both
are read.
"""

import json
import re
from collections.abc import Mapping

from telephony.carrier import CallState, StatusReport
from telephony.carriers.asterisk import STATES

#: The ids that we give; other channels are none of our business.
_OURS = re.compile(r"[0-9a-f]{32}")
_NO_CAUSE, _CLEARED, _REJECTED = 0, 16, 21
_CAUSES: Mapping[int, CallState] = {
    17: CallState.BUSY,
    18: CallState.NO_ANSWER,
    19: CallState.NO_ANSWER,
    20: CallState.NO_ANSWER,
    _NO_CAUSE: CallState.NO_ANSWER,
    _CLEARED: CallState.NO_ANSWER,
}
#: Causes that say there is no such number, as answers of SIP (RFC 3398).
_NO_SUCH_NUMBER: Mapping[int, int] = {1: 404, 22: 410, 28: 484}


def read_event(message: str | bytes) -> StatusReport | None:
    """Return what an event reports of one of our calls; None for everything else."""
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    busy = event.get("type") == "Dial" and event.get("dialstatus") == "BUSY"
    channel = event.get("peer" if busy else "channel")
    if not isinstance(channel, dict):
        return None
    call = channel.get("id")
    if not isinstance(call, str) or not _OURS.fullmatch(call):
        return None
    state = STATES.get(str(channel.get("state")))
    if busy:
        return StatusReport(call, CallState.BUSY)
    if event.get("type") == "ChannelStateChange" and state is not None:
        return StatusReport(call, state)
    if event.get("type") == "ChannelDestroyed":
        return _ended(call, state, event.get("cause"))
    return None


def _ended(call: str, state: CallState | None, cause: object) -> StatusReport:
    number = cause if isinstance(cause, int) else _NO_CAUSE
    if state is CallState.ANSWERED:
        return StatusReport(call, CallState.COMPLETED)
    if number == _REJECTED and state is CallState.RINGING:
        return StatusReport(call, CallState.BUSY)
    over = _CAUSES.get(number, CallState.FAILED)
    return StatusReport(call, over, sip_code=_NO_SUCH_NUMBER.get(number))
