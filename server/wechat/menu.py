"""The account's menu: what is always one tap away."""

from collections.abc import Mapping
from typing import Final

from server.wechat.desk import UNBIND
from server.wechat.talk import GO_ON

MENU: Final[Mapping[str, object]] = {
    "button": [
        {"type": "click", "name": "接着答", "key": GO_ON},
        {
            "name": "这一题",
            "sub_button": [
                {"type": "click", "name": "再说一遍", "key": "repeat"},
                {"type": "click", "name": "什么意思", "key": "explain"},
                {"type": "click", "name": "不知道", "key": "unknown"},
                {"type": "click", "name": "不想说", "key": "decline"},
                {"type": "click", "name": "改一下", "key": "back"},
            ],
        },
        {
            "name": "找人",
            "sub_button": [
                {"type": "click", "name": "找人工", "key": "human"},
                {"type": "click", "name": "以后再说", "key": "later"},
                {"type": "click", "name": "解除绑定", "key": UNBIND},
            ],
        },
    ]
}
