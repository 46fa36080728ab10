"""What the audit log says, in the words of those who read it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from server.desk.permission import ROLE_WORDS
from server.desk.words import CHANNELS, VISITED

#: What was done, by its code in the log.
ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sign-in": "登录",
        "sign-in.failed": "登录没有成功",
        "staff.add": "建账号",
        "staff.change": "改账号",
        "staff.passkey": "加通行密钥",
        "staff.telephone": "改话务员的电话",
        "person.uncover": "看一个人的姓名和号码",
        "approval.ask": "申请取名单",
        "approval.grant": "批准取名单",
        "approval.refuse": "不批准取名单",
        "roster.take": "取名单",
        "export.take": "取带姓名的导出",
        "export.identified": "导出，含姓名和号码",
        "export.unidentified": "导出，不含姓名",
        "sample.draw": "匿名抽样",
        "campaign.create": "建调查年度",
        "campaign.demand": "改要求",
        "campaign.open": "开启调查年度",
        "campaign.close": "关闭调查年度",
        "roster.import": "导入底册",
        "roster.place": "定区域",
        "visit.record": "记入户或见面",
        "appointment.make": "约时间",
        "call.missed": "打来没接进",
        "phone.try": "试用网页电话",
        "disposition.change": "改通话结果以后怎么办",
        "note.add": "写备注",
        "clip.listen": "听录音",
        "review.rule": "审核下结论",
        "review.withdraw": "撤回结论",
        "review.settled": "结论记下，等第二个人",
        "review.superseded": "结论作废：对方又答了",
        "review.refused": "结论作废：访问已变",
        "review.confirm": "结论：属实",
        "review.change": "结论：改值",
        "review.undetermined": "结论：无法确定",
        "review.reopen": "结论：再问一次",
        "review.visit": "结论：上门核实",
        "review.accept": "结论：属实",
        "review.reject": "结论：不属实",
        "gold.choose": "选为标准题",
        "gold.retire": "不再作标准题",
        "follow-up.done": "再问或上门办完",
        "form.read": "念给来人听",
        "form.sign": "签字",
        "form.print": "打印",
        "photo.keep": "留照片",
        "sound.agree": "同意留录音",
        "sound.withdraw": "不再留录音",
        "photo.delete": "删照片",
        "wechat.bind": "绑定微信",
        "wechat.unbind": "解除微信",
        "inbound.key-reused": "同一编号来了别的内容",
        "records.rebuild": "重算记录",
    }
)
_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reason": "用途", "rows": "人数", "role": "岗位", "region": "区域", "active": "在用",
        "fresh": "待首次登录", "format": "格式", "step": "步骤", "kind": "方式", "seed": "种子",
        "size": "人数", "at": "时间", "for": "给谁", "accepted": "收下", "read": "读了",
        "rejected": "退回", "campaign": "调查年度", "content": "内容指纹", "sm3": "打印件指纹",
    }
)  # fmt: skip
_VALUES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **ROLE_WORDS, **CHANNELS, **{code: word for code, word in VISITED.items() if code},
        "True": "是", "False": "否", "password": "密码", "code": "验证码", "passkey": "通行密钥",
    }
)  # fmt: skip


def action_in_words(action: str) -> str:
    """Return what was done; an action of a later version stands as its code."""
    return ACTIONS.get(action, action)


def detail_in_words(detail: Mapping[str, object]) -> str:
    """Return the details in one line."""
    found = (
        f"{_NAMES.get(name, name)}：{_VALUES.get(str(value), value)}"
        for name, value in detail.items()
    )
    return "；".join(found)
