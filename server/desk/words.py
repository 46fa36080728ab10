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
#: The 19th place of a certificate number (GB/T 26341, 残疾人残疾分类和分级).
CATEGORIES: Mapping[str, str] = {
    "1": "视力残疾",
    "2": "听力残疾",
    "3": "言语残疾",
    "4": "肢体残疾",
    "5": "智力残疾",
    "6": "精神残疾",
    "7": "多重残疾",
}
