"""The service is killed in mid-call and mid-chat, and starts again.

N01 what was answered is kept, once; what was not is sent again and counts once; the chains hold;
the call that broke off is put away after its lease. ``python -m benchmarks.kills`` does it more
often.
"""

import asyncio
from pathlib import Path

from tests.telephony.kept_after_kills import faults, open_attempts, open_calls, put_away
from tests.telephony.killed_service import Load, killed, town


def test_killed_in_mid_call_and_mid_chat_n01(tmp_path: Path) -> None:
    load = Load(kills=3, chats=3, calls=2, shortest=1.5, longest=3.0)
    with town(tmp_path, load) as at:
        kills = asyncio.run(killed(at, load))
        assert sum(kill.talking for kill in kills) > 0
        assert sum(len(one.answered) for one in at.chats) > 5
        assert faults(at) == []
        put_away(at)
        assert open_calls(at.service) == 0
        assert open_attempts(at) == []
