"""Why a request to the webhook, or one of ours to WeChat, was refused."""

from enum import Enum

from survey_engine.worded import WordedError


class Fault(Enum):
    """Each reason with its sentence."""

    NOT_SIGNED = "请求的签名不对；请核对公众号后台和这里的令牌（Token）是否一致"
    STALE = "请求的时间和这里差得太多；请校准服务器的时钟"
    REPLAYED = "这个请求的随机数已经用过；请不要重复提交"
    CHANGED = "同一编号的消息内容变了；以第一次收到的为准"
    BAD_XML = "请求不是公众号的消息格式；请检查是谁在发送"
    NOT_SEALED = "设置了安全模式，但消息没有加密；请在公众号后台选“安全模式”"
    NOT_OPENED = "消息解不开；请核对消息加解密密钥和 AppID"
    BAD_SETTING = "消息加解密密钥（EncodingAESKey）应是 43 个字母和数字；请从公众号后台重新复制"
    NO_FIELD = "消息缺少或写错了 {name}；请检查是谁在发送"

    API_NOT_SET = "没有设置 {name}，不能联系微信；请在环境变量或 .env 里设好再试"
    API_UNREACHABLE = "{what}时联系不上微信（{reason}）；请检查网络和接口地址，稍后再试"
    API_REFUSED = "微信没有接受{what}（代码 {code}）；请对照微信的返回码说明检查"
    NOT_SOUND = "这段语音解不开；请对方再说一遍或打字"


class RefusedError(WordedError):
    """A request to the webhook is not taken; nothing was read from or written to the records."""


class ApiError(WordedError):
    """WeChat refused what we asked, or did not answer; ``errcode`` is its own code, 0 for none."""

    def __init__(self, fault: Fault, *, errcode: int = 0, **slots: object) -> None:
        self.errcode = errcode
        super().__init__(fault, code=errcode, **slots)


class SoundError(WordedError):
    """A voice message cannot be decoded."""
