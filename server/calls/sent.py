"""What the callers' pages send."""

from pydantic import BaseModel, Field

from server.calls.desk import Answered


class Entered(BaseModel):
    """What the page of a question sends; ``turn`` and ``target`` say which page it was."""

    turn: int = Field(0, ge=0, le=1_000_000)
    target: str = Field("", max_length=80)
    item: str = Field("", max_length=40)
    take: str = Field("", max_length=1_000)
    value: str = Field("", max_length=1_000)
    choice: list[str] = Field(default_factory=list, max_length=60)
    wish: str = Field("", max_length=60)
    words: str = Field("", max_length=1_000)

    def answered(self) -> Answered:
        """Return it as the desk takes it."""
        value = self.take or " ".join(self.choice) or self.value.strip()
        return Answered(
            turn=self.turn,
            target=self.target,
            value="" if self.wish else value,
            wish=self.wish,
            words=self.words.strip(),
        )


class Ended(BaseModel):
    """The result of a call."""

    name: str = Field("", max_length=40)
    language: str = Field("", max_length=20)


class Booked(BaseModel):
    """When somebody is to be called: a day and a time of their clock."""

    day: str = Field("", max_length=10)
    clock: str = Field("", max_length=5)
    mine: str = Field("", max_length=3)


class Linked(BaseModel):
    """How the rest is to reach the person: ``send`` or ``show`` the link."""

    way: str = Field("show", pattern="^(send|show)$")


class Act(BaseModel):
    """What the buttons around a call send."""

    act: str = Field("", max_length=10)


class Readiness(BaseModel):
    """Whether a caller waits for calls of the machine: ``yes`` or ``no``."""

    ready: str = Field("", max_length=3)
