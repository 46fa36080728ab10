"""What can be wrong with a recogniser."""

from enum import Enum


class Fault(Enum):
    """A kind of fault; the value is its sentence: where, what, and what to do next."""

    NOT_INSTALLED = "识别器 {name} 没有安装；请安装附加组件：pip install 'tingwen[{extra}]'"
    NO_MODEL = "在 {path} 找不到识别器 {name} 的模型；请运行 tingwen models fetch {model}"
    NO_START = "识别器 {name} 启动失败，正在重试；请查看服务日志并运行 tingwen models check"
    DIED = "识别器 {name} 中途停止，正在重新启动；这一句请改用按键或再说一遍"
    SILENT = "识别器 {name} 超过 {seconds} 秒没有回应，已重新启动；这一句请改用按键或再说一遍"
    CLOSED = "识别器 {name} 已经关闭；请重新启动服务"
    TOO_LONG = "这一句超过 {seconds} 秒；请分几次说"
