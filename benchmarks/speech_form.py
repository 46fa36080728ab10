"""A form for the spoken answers that no item of the official forms asks for."""

from survey_engine.questionnaire import Questionnaire
from tests.survey_engine.small_forms import choice, question, read, single

_SAYS = {
    "willing": (
        ("1", "愿意", "愿意 可以 行 好 你说吧 你问吧"),
        ("2", "不愿意", "不愿意 不行 不想"),
    ),
    "able": (("1", "能", "能 可以"), ("2", "不能", "不能 不行 做不了 干不了")),
    "certificate": (("1", "办过", "办过 有 有证 办了"), ("2", "没办过", "没办过 没有 没证")),
    "category": (
        ("1", "视力残疾", "视力 眼睛 看不见 瞎"),
        ("2", "听力残疾", "听力 耳朵 听不见 聋"),
        ("3", "言语残疾", "言语 说不了话 哑"),
        ("4", "肢体残疾", "肢体 腿 手 胳膊 瘫痪"),
        ("5", "智力残疾", "智力"),
        ("6", "精神残疾", "精神 精神病"),
    ),
    "grade": (
        ("1", "一级", "一级 一级的"),
        ("2", "二级", "二级 二级的"),
        ("3", "三级", "三级 三级的"),
        ("4", "四级", "四级 四级的"),
    ),
    "cause": (
        ("1", "小儿麻痹", "小儿麻痹 脊髓灰质炎"),
        ("2", "脑血管病", "脑梗 脑出血 中风 偏瘫"),
        ("3", "外伤", "摔的 车祸 工伤 受伤"),
    ),
    "place_of_care": (
        ("1", "托养中心", "托养中心 托养机构 托养"),
        ("2", "养老院", "养老院 敬老院"),
        ("3", "家里", "家里 在家 家人照顾"),
    ),
    "satisfied": (
        ("1", "满意", "满意 挺好的 挺好 很满意"),
        ("2", "一般", "一般 一般般 还行 马马虎虎"),
        ("3", "不满意", "不满意 不好 不行"),
    ),
    "numbered": (
        ("1", "按摩", "按摩"),
        ("2", "电商", "电商 网店"),
        ("3", "种植", "种植 种地"),
    ),
}
_NUMBERS = ("age", "household", "income", "birth", "since_year")


def speech_form() -> Questionnaire:
    """Return the form."""
    singles = (
        single(
            name, *(choice(code, label=name_, says=says.split()) for code, name_, says in listed)
        )
        for name, listed in _SAYS.items()
    )
    numbers = (question(name, "integer") for name in _NUMBERS)
    return read(*singles, *numbers, question("since", "date"), question("place"))
