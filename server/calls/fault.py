"""What callers are told when something cannot be done; each sentence says what to do next."""

from enum import Enum

from survey_engine.worded import WordedError


class Fault(Enum):
    """Everything that the callers' desk refuses."""

    NOT_HELD = "这位不在您手上了，请接下一位"
    NOT_DUE = "按规则现在还不能打给这位，请放回，接下一位"
    OPTED_OUT = "这位说过不要再打电话，不能拨。请放回"
    NO_NUMBER = "这位没有留电话，先放到七天以后；请村里补号码"
    WRONG_HOURS = "那边现在不在可以打电话的时间（{hours}），请放回，到时候再打"
    CLOCKS = "服务器的两个时钟对不上，先不要拨，请告诉系统管理员"
    TOO_MANY = "今天看过的姓名号码太多，要另一个人同意后再打"
    ALREADY = "这一步已经提交过了，下面是现在要问的"
    NOT_TAKEN = "没有记上：这一问不能填“{value}”，请另选或另填"
    EMPTY = "还没有选，也没有填。请按数字键，或者先打出对方的话"
    NO_RESULT = "没有这个结果，请在下面选一个"
    NO_LANGUAGE = "请写明要会说什么话的人来打"
    NOT_SENT = "链接没有再发：这次已经发过，或者对方没有能收的微信和手机。可以出一个链接给对方看"
    PAST = "这个时间已经过了，请另选"
    FAR = "太远了，最多约到六十天以内"
    ODD = "请选整一刻钟的时间"
    HOURS = "那边这个时间不能打电话（可以打的时间：{hours}），请另选"
    NO_TELEPHONE = "先填您自己的话机号码，才能由系统接通"
    OWN_NUMBER = "这不是能拨的号码：写 11 位手机号、带区号的座机，或者 sip:名字@地址"
    NOT_CALLED = "这个人正在别的电话上，请过一会儿再拨"
    NO_LINE = "线路都占着，请过一会儿再拨，或者用自己的话机拨"
    NOT_PLACED = "电话公司没有接这一通，请再拨，或者用自己的话机拨"
    NOT_TALKING = "现在没有接通的电话，做不了这一步"
    NOT_ASKING = "还没有开始问，请先按 Enter 开始，再交给机器"
    NO_MACHINE = "机器现在听不见话，或者说不出话，没有交给它，请您接着问"
    NOT_HANDED = "没有转成，电话还在原来那边。请再试一次"
    PICK_UP = "对方还在和机器说话，请接您的话机，接起来就转给您"
    MACHINE_ASKS = "现在是机器在问，请先按 y 接回来"
    SAID_GOODBYE = "机器已经和对方说完了，接不回来了"
    OTHER_CALL = "您正在另一通电话上，请先挂断，再把这位接回来"
    TAKEN = "这个时间您已经约了别人，请另选"


class CallsDeskError(WordedError):
    """Something at the callers' desk was not done; nothing was kept of it."""
