"""Errors whose sentences stand in a catalogue."""

from enum import Enum


class WordedError(ValueError):
    """What a reader of numbers raises; ``fault`` says which way, the message is one sentence."""

    def __init__(self, fault: Enum, **slots: object) -> None:
        self.fault = fault
        super().__init__(fault.value.format(**slots) + "。")

    @property
    def code(self) -> str:
        """The stable name of the fault, in lower case with hyphens."""
        return self.fault.name.lower().replace("_", "-")
