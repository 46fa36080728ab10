"""What can go wrong with a carrier or a line, each with its sentence."""

from enum import Enum


class CarrierFault(Enum):
    """Why a carrier did not do what was wanted."""

    CARRIER_NOT_SET = "没有设置 {name}，不能打电话；请在环境变量或 .env 里设好再打"
    CARRIER_REFUSED = (
        "运营商没有接受{what}（{status}，代码 {code}）；请对照运营商的错误代码检查设置"
    )
    CARRIER_UNREACHABLE = "{what}时联系不上运营商（{reason}）；请检查网络和接口地址，稍后再试"
    CARRIER_SILENT = "{what}时运营商没有回话（{reason}），也许已经收到；请查一下运营商的记录"
    CARRIER_UNCLEAR = (
        "Twilio 和 Asterisk 都设置了（{given}），不知道用哪一家打电话；请去掉其中一家的设置"
    )
    CARRIER_HALF_SET = "Asterisk 的设置缺少 {missing}；请在环境变量或 .env 里补上，或者去掉 {given}"
    CARRIER_MISSET = "{name} 写得不对（{wanted}）；请改正后再启动"
    CANNOT_LISTEN = (
        "不能在 {host}:{port} 上接 Asterisk 的声音（{reason}）；"
        "请改 TINGWEN_ASTERISK_LISTEN_HOST 和 TINGWEN_ASTERISK_LISTEN_PORT，或停掉占用它的程序"
    )
    NOT_SUPPORTED = "这家运营商不能{what}；请换一种方式"


class LineFault(Enum):
    """Why a line is closed."""

    UNKNOWN_SOUND = (
        "线路传来的声音格式不认识（{encoding}，{rate} Hz，{channels} 声道）；"
        "请让运营商用单声道 8 kHz μ-law"
    )
    FLOODED = "线路在 {seconds:.1f} 秒里传来 {messages} 条消息，已断开；请检查对方"
    NEVER_STARTED = "线路接通后 {seconds:.0f} 秒没有开始；已断开"
    STUCK = "线路 {seconds:.0f} 秒收不下我们的声音；已断开"
    BROKEN_FRAME = "线路的数据不合规矩（{reason}）；已断开"
