"""A note as the desks send it."""

from pydantic import BaseModel, Field


class Written(BaseModel):
    """A note; ``key`` names the act of writing it."""

    key: str = Field(min_length=8, max_length=64, pattern=r"^[0-9a-zA-Z-]+$")
    words: str = Field(max_length=1_000)
