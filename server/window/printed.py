"""The form on paper: a PDF with every answer, both signatures, the digest of what was signed."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from fontTools.ttLib import TTCollection, TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

from server.window.fault import Fault, WindowError
from server.window.paper import Entry, Paper

#: Fonts with all hanzi in use, the first that is there; of a collection, its Simplified Chinese.
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "C:/Windows/Fonts/simhei.ttf",
    "/System/Library/Fonts/PingFang.ttc",
)
CHINA = ZoneInfo("Asia/Shanghai")
_FAMILY, _SMALL, _TEXT, _TITLE = "hanzi", 9, 11, 16
_WIDTHS = (16, 84, 82)


@dataclass(frozen=True, slots=True)
class Signature:
    """How one of the two signed: drawn (a PNG) or typed, under which name and as whom."""

    name: str
    image: bytes = b""
    relation: str = ""

    @property
    def line(self) -> str:
        """The name as it stands on paper; a proxy's has (代) and how related (L80)."""
        return f"{self.name}（代）与本人关系：{self.relation}" if self.relation else self.name


def font_file(wanted: str = "") -> Path:
    """Return the font to print with. Raises :class:`WindowError` if there is none."""
    for one in (wanted,) if wanted else FONTS:
        if Path(one).is_file():
            return Path(one)
    raise WindowError(Fault.NO_FONT)


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints forms with one font."""

    font: Path
    organisation: str

    def print(self, paper: Paper, respondent: Signature, clerk: Signature, at: datetime) -> bytes:
        """Return the signed form as a PDF; the same form signed the same way is the same file."""
        sheet = _Sheet(self, paper, at)
        sheet.head()
        for label, entries in paper.sections:
            sheet.section(label, entries)
        sheet.signatures(respondent, clerk)
        return sheet.finished()


class _Sheet:
    """One form while it is being printed."""

    def __init__(self, printer: Printer, paper: Paper, at: datetime) -> None:
        self._pdf = pdf = FPDF(format="A4")
        self._paper, self._at, self._organisation = paper, at, printer.organisation
        pdf.set_creation_date(at)
        pdf.set_title(paper.title)
        pdf.set_author(printer.organisation)
        pdf.set_lang("zh-CN")
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        number = _chinese_of(printer.font)
        pdf.add_font(_FAMILY, "", printer.font, collection_font_number=number)
        font = pdf.fonts[_FAMILY]
        self._known = font.cmap if isinstance(font, TTFFont) else {}
        pdf.set_margin(14)
        pdf.set_auto_page_break(auto=True, margin=18)
        pdf.add_page()

    def head(self) -> None:
        """Title, who, and where."""
        case = self._paper.case
        self._line(self._paper.title, _TITLE, align="C")
        if self._paper.number:
            self._line(f"表号：{self._paper.number}", _SMALL, align="R")
        self._line(f"姓名：{case.name}　残疾人证号：{case.certificate}", _TEXT)
        day = case.reference_day
        self._line(f"区划：{case.region}　时点：{day:%Y-%m-%d}　方式：窗口", _TEXT)
        self._line(f"登记单位：{self._organisation}", _TEXT)

    def section(self, label: str, entries: Sequence[Entry]) -> None:
        """One section as a table."""
        pdf = self._pdf
        pdf.ln(2)
        pdf.start_section(label)
        self._line(label, _TEXT + 1)
        pdf.set_font(_FAMILY, size=_SMALL + 1)
        with pdf.table(col_widths=_WIDTHS, line_height=6, first_row_as_headings=False) as table:
            for one in entries:
                row = table.row()
                marks = "（代）" * one.proxy + "（待核实）" * one.to_verify
                for text in (one.name, one.label, one.value + marks):
                    row.cell(self._shown(text))

    def signatures(self, respondent: Signature, clerk: Signature) -> None:
        """Both signatures, the day, and the digest of what was signed."""
        pdf = self._pdf
        pdf.ln(4)
        self._line("以上内容已念给我听（看过），与我说的一致。", _TEXT)
        for who, one in (("被调查人", respondent), ("登记人", clerk)):
            if pdf.will_page_break(30):
                pdf.add_page()
            self._line(f"{who}：{one.line}", _TEXT)
            if one.image:
                pdf.image(io.BytesIO(one.image), h=20)
            else:
                self._line("（以输入姓名代替手写签名）", _SMALL)
        self._line(f"签字时间：{self._at.astimezone(CHINA):%Y-%m-%d %H:%M}", _TEXT)
        self._line(f"内容摘要（SM3）：{self._paper.content.hex()}", _SMALL)

    def finished(self) -> bytes:
        """Return the file."""
        return bytes(self._pdf.output())

    def _line(self, text: str, size: int, align: str = "L") -> None:
        self._pdf.set_font(_FAMILY, size=size)
        self._pdf.multi_cell(
            0, size * 0.6, self._shown(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _shown(self, text: str) -> str:
        """A character that the font does not have is printed as 〓 with its number, never lost."""
        return "".join(
            one if ord(one) in self._known or one == "\n" else f"〓[U+{ord(one):04X}]"
            for one in text
        )


def _chinese_of(font: Path) -> int:
    """Return which font of a collection is the Simplified Chinese one; 0 if none says so."""
    if font.suffix.lower() != ".ttc":
        return 0
    with TTCollection(str(font), lazy=True) as collection:
        names = [_family(one) for one in collection.fonts]
    found = (place for place, name in enumerate(names) if name.endswith((" SC", " CN")))
    return next(found, 0)


def _family(font: TTFont) -> str:
    return str(font["name"].getDebugName(1) or "")
