"""What can be wrong with a voice."""

from enum import Enum


class Fault(Enum):
    """A kind of fault; the value is its sentence: where, what, and what to do next."""

    NOT_INSTALLED = "语音合成 {name} 没有安装；请安装附加组件：pip install 'tingwen[voices]'"
    NO_VOICE = "没有可用的声音；请运行 tingwen models fetch kokoro-82m，或安装 espeak-ng"
    NO_SPEAKER = "模型里没有叫 {name} 的声音；请把 TINGWEN_KOKORO_VOICE 设成其中之一：{known}"
    FAILED = "{name} 说不出这一句（{reason}）；请运行 tingwen models check，或换一个声音"
    SLOW = "{name} 超过 {seconds} 秒没有说出这一句；请换一个声音，或预先合成：tingwen voices render"
    NOTHING = "这一句里没有可以说出来的字；请检查问卷的措辞"
