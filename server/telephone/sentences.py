"""What somebody who calls is told apart from the interview itself."""

from typing import Final

HERE: Final = "您好，这里是{organisation}的残疾人基本状况调查电话，是机器接听。"
#: Whatever the reason; see :mod:`server.telephone.incoming`.
REFUSED: Final = "这次来电现在接不上调查。有事，或者不想再接到我们的电话，请联系{callback}。再见。"
BUSY: Final = "现在线路忙，请过一会儿再打。有事请联系{callback}。再见。"
NO_MATCH: Final = "这样没有对上，请再来一遍。"
FOUND: Final = "对上了，谢谢。"
