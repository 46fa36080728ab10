"""What states are called on screens."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "waiting": "未开始",
        "open": "访问中",
        "paused": "已暂停",
        "with_person": "转人工",
        "completed": "已完成",
        "ended": "已结束",
    }
)
VISITED: Final[Mapping[str, str]] = MappingProxyType({"": "没有", "home": "入户", "met": "见面"})
CHANNELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "voice": "电话",
        "desk": "人工电话",
        "chat": "网页",
        "wechat": "微信",
        "window": "窗口",
        "terminal": "终端",
    }
)
