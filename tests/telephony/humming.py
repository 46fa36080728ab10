"""``tingwen serve`` with a voice that hums and a recogniser that reads words out of their sound.

It reads words for ``tingwen`` from stdin, a line each time, runs each line in a child of its own,
which needs not read the program anew, and says which process that is.
"""

import os
import signal
import sys

import server.app  # noqa: F401 - read once, for all children
from server.cli import main
from server.forms.library import SHIPPED, load_form
from server.service import Service
from server.telephone import ready
from server.telephone.exchange import Voices
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.telephony.coded_speech import CodedRecogniser
from tests.telephony.quick_activity import QuickActivity


def _voices(_service: Service) -> Voices:
    return Voices(Speaker(ToneVoice(0.002)), CodedRecogniser(), QuickActivity)


def _run(words: list[str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.close(0)
    sys.argv = ["tingwen", *words]
    main()


if __name__ == "__main__":
    setattr(ready, "voices_of", _voices)  # noqa: B010
    load_form(SHIPPED / "person.yaml")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(line.split())
        os.write(1, f"{child}\n".encode())
