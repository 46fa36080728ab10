"""The ways in and out of an interview."""

from enum import StrEnum


class Channel(StrEnum):
    """Where the respondent is being met."""

    VOICE = "voice"
    CHAT = "chat"
    WECHAT = "wechat"
    WINDOW = "window"
    DESK = "desk"
    TERMINAL = "terminal"

    @property
    def is_spoken(self) -> bool:
        """Whether questions are heard, so that long lists have to be asked one by one."""
        return self in (Channel.VOICE, Channel.DESK)
