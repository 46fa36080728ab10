"""The interview of a person whom a caller has handed to the machine in mid-interview."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import datetime

from dialog.conversation import Turn
from models.bridge import Bridge, Bridges
from models.bridge_line import BridgeLines
from models.conversation_store import Inbound
from models.talking import TalkingBook
from server.service import Service
from server.telephone.phone_interviewer import PhoneInterviewer, Work
from survey_engine.channel import Channel
from survey_engine.interview import Interview, Status
from telephony.interviewer import Contribution, Opening, Reply
from telephony.manner import Manner
from telephony.phone_conversation import first_manner, reply_of

#: Says nothing: whoever is on the line is with the caller again.
_TAKEN = Reply((), None, Status.WITH_PERSON, asks=False)


class _TakenBackError(Exception):
    """The caller has taken the person back, so that what comes late from the machine is void."""


class LentInterviewer(PhoneInterviewer):
    """See :class:`PhoneInterviewer`; goes on where the caller was, until they take it back.

    What is said is written down for the caller's page.
    """

    def __init__(
        self,
        service: Service,
        bridge: Bridge,
        workers: Executor | None,
        now: Callable[[], datetime],
    ) -> None:
        name = f"{bridge.person_call}:{bridge.moves}"
        super().__init__(service, bridge.assignment_id, name, workers, now)
        self._bridge = bridge

    @property
    def is_mine(self) -> bool:
        """Whether the person is still with the machine since this call was handed to it."""
        held = Bridges(self.service.database).get(self._bridge.id)
        return held is not None and held.is_lent and held.moves == self._bridge.moves

    def open_now(self) -> Opening:
        """See :class:`PhoneInterviewer`."""
        now = self.now()

        def going_on(held: Interview) -> Sequence[Turn]:
            if not self.is_mine:
                raise _TakenBackError
            return self._phone.go_on(held, now)

        try:
            turn = super()._stored(self._inbound("open", "open", now), going_on)
        except _TakenBackError:
            return Opening(_TAKEN, Manner())
        interview = self._held()
        known = TalkingBook(self.service.database).of(self.assignment_id)
        manner = Manner(known.pause, known.rate) if known else first_manner(interview)
        return Opening(self._told(reply_of(turn or self._phone.again(interview))), manner)

    def _take(self, contribution: Contribution) -> Reply | None:
        if not contribution.silence:
            self._say(contribution.words or "（按键）", by_machine=False)
        try:
            reply = super()._take(contribution)
        except _TakenBackError:
            return _TAKEN
        return self._told(reply) if reply else None

    def leave_now(self, reason: str) -> Reply:
        """See :class:`PhoneInterviewer`; the caller's taking over interrupts nothing."""
        if not self.is_mine:
            return _TAKEN
        try:
            return self._told(super().leave_now(reason))
        except _TakenBackError:
            return _TAKEN

    def _stored(self, inbound: Inbound, work: Work, mine: str = "") -> Turn | None:
        def while_here(held: Interview) -> Sequence[Turn]:
            if held.channel is not Channel.VOICE:
                raise _TakenBackError
            return work(held)

        return super()._stored(inbound, while_here, mine)

    def _told(self, reply: Reply) -> Reply:
        words = "".join(one.text for one in reply.messages)
        if words:
            self._say(words, by_machine=True)
        return reply

    def _say(self, words: str, *, by_machine: bool) -> None:
        lines = BridgeLines(self.service.database)
        lines.said(self._bridge.id, words, self.now(), by_machine=by_machine)
