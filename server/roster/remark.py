"""What is imported, or left out, but should be looked at."""

from dataclasses import dataclass
from enum import Enum

from server.roster.fault import code_of

_LISTED = 20


class Notice(Enum):
    """A kind of remark; the value says where, what, and what to do."""

    COLUMN_IGNORED = (
        "第 1 行“{column}”不是名册的列，也不是本表的题号，没有导入；确实不需要就不必处理"
    )
    COLUMN_NOT_TAKEN = "第 1 行“{column}”这一题每次重新核对，去年的值没有导入；不必处理"
    COLUMN_ABSENT = "表头没有“{column}”，这一项都记为空；需要的话请补上这一列再导入"
    SHEET_IGNORED = "隐藏的表“{sheet}”没有导入；如果名册在里面，请取消隐藏，只留这一张"
    ROWS_HIDDEN = "{rows}在表里是隐藏的，也一样导入了；请确认它们属于名册"
    NAME_PRIVATE = "{rows}“姓名”有造字区的字，在别的电脑上可能显示不出；请核对写法"
    NO_TELEPHONE = "{rows}本人和监护人都没有电话，只能到窗口或上门；请尽量补上“联系电话”"


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark about the file or about some of its rows, as one sentence."""

    code: str
    message: str

    @classmethod
    def of(cls, notice: Notice, **slots: object) -> "Remark":
        """Return the remark of this kind."""
        return cls(code_of(notice), notice.value.format(**slots) + "。")

    @classmethod
    def about_rows(cls, notice: Notice, rows: list[int]) -> "Remark":
        """Return the remark about ``rows``, of which the first few are named."""
        named = "、".join(map(str, rows[:_LISTED]))
        rest = f"等 {len(rows)} 行" if len(rows) > _LISTED else ""
        return cls.of(notice, rows=f"第 {named} 行{rest}")

    def as_dict(self) -> dict[str, object]:
        """Return the remark as it is written in JSON."""
        return {"code": self.code, "message": self.message}
