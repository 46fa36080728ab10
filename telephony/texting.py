"""The port to carriers that send text messages as well; not every one does."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Texting(Protocol):
    """See :class:`telephony.carrier.Carrier`; what a carrier has besides if it sends messages."""

    @property
    def can_text(self) -> bool:
        """Whether it is set up so that messages can be sent."""

    def text(self, to: str, words: str) -> str:
        """Send ``words`` to the number ``to`` and return the carrier's name for the message.

        Blocking. Raises :class:`telephony.failure.CarrierError` if the carrier refuses or does
        not answer.
        """
