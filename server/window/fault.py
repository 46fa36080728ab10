"""What can go wrong at the counter, each with its sentence."""

from enum import Enum

from survey_engine.worded import WordedError


class Fault(Enum):
    """Why something was not done."""

    NOT_FOUND = "没有找到；请核对证号，或者姓名和证号最后四位。不在您负责区域内的人也查不到"
    NUMBER_NEEDED = "请填残疾人证号，或者姓名和证号最后四位"
    NOT_FINISHED = "还没有答完，不能签字；请先把问题问完"
    ALREADY = "刚才已经按另一块屏幕上的回答记了，下面是现在要问的"
    STALE = "核对之后答案有变，没有签成；请重新念一遍再签"
    NO_SIGNATURE = "签名是空的或读不出来；请重新签，或者改用输入姓名"
    NO_NAME = "请填签字人的姓名"
    OTHER_NAME = "输入的姓名与证件上的不一致；本人签字请按证件填，别人代签请选“代签”"
    NO_RELATION = "代签要写明与本人的关系"
    NO_CONSENT = "没有勾选同意，照片没有保存"
    NO_PHOTO = "这不是 JPG 或 PNG 照片，没有保存；请重新拍一张"
    PHOTO_TOO_LARGE = "照片太大，没有保存；请用 8 MB 以内的照片"
    NO_FONT = (
        "没有可用的中文字体，不能打印；请安装 fonts-noto-cjk，或用 TINGWEN_PRINT_FONT 指明字体文件"
    )


class WindowError(WordedError):
    """Something at the counter was not done; nothing was kept of it."""
