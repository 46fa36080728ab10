"""The recogniser of a service that has none: calls go on with keys."""

from telephony.failure import RecogniserError
from telephony.recogniser import Hints, Listening


class AbsentRecogniser:
    """See :class:`telephony.recogniser.Recogniser`; every turn fails with the same error."""

    name = "absent"

    def __init__(self, error: RecogniserError) -> None:
        self._error = error

    async def listen(self, hints: Hints) -> Listening:
        """Raise what made the recogniser be absent."""
        del hints
        raise self._error

    async def close(self) -> None:
        """See :class:`telephony.recogniser.Recogniser`."""
