"""What can be wrong with a roster: the whole file, or one cell, each with its sentence."""

from enum import Enum

from server.failure import CommandFailedError


class FileFault(Enum):
    """Why a file is refused as a whole; the value says what, and what to do next."""

    UNREADABLE = "文件打不开（{reason}）；请给出名册文件的路径"
    ENDING = "文件的扩展名是“{ending}”，名册只收 .xlsx 和 .csv；请用表格软件另存为其中一种"
    MISNAMED = "文件的内容与扩展名“{ending}”不符；请用表格软件打开后另存为 .xlsx 或 .csv"
    OLD_WORKBOOK = "这是旧式或加了密码的工作簿；请去掉密码，另存为 .xlsx"
    TOO_LARGE = "文件有 {found} MB，最多 {limit} MB；请按乡镇拆成几个文件"
    CUT = "文件不完整，像是在传送或保存时中断了；请重新取得完整的文件，再导入一次"
    DAMAGED = "工作簿已损坏，读不出来；请用表格软件打开，另存为新的 .xlsx"
    PACKED_TOO_TIGHT = "工作簿展开后大得反常；请把名册复制到一个新的工作簿，另存后再导入"
    MACROS = "工作簿带有宏；请另存为不带宏的 .xlsx"
    EXTERNAL = "工作簿带有外部链接或嵌入的对象（{part}）；请只复制数值到一个新的工作簿"
    UNSAFE_XML = "工作簿里有不允许的 XML 声明；请把名册复制到一个新的工作簿，另存后再导入"
    FORMULA = "第 {row} 行 {column} 列是公式；请把整张表复制后“选择性粘贴为数值”，再导入"
    MERGED = "单元格 {place} 是合并的；请取消合并，每一行都填全"
    SEVERAL_SHEETS = "工作簿有不止一张有内容的表（“{sheet}”）；请只留下名册这一张"
    NO_SHEET = "工作簿里没有看得见的表；请把名册放在第一张表"
    TOO_MANY_COLUMNS = "第 {row} 行超过 {limit} 列；请删去名册以外的列"
    TOO_MANY_ROWS = "名册超过 {limit} 行；请按乡镇拆成几个文件"
    CELL_TOO_LONG = "第 {row} 行有一格或一行超过 {limit} 字；请核对这一行"
    ENCODING = "文件的编码不是 UTF-8 也不是 GB18030；请用表格软件另存为“CSV UTF-8”"
    BAD_BYTES = "第 {row} 行附近有不合 {encoding} 编码的字节；请用表格软件另存为“CSV UTF-8”"
    QUOTES = "第 {row} 行附近的引号不成对，文件可能不完整；请改正引号，或重新取得完整的文件"
    LAST_ROW = (
        "最后一行（第 {row} 行）不完整，文件可能在传送或保存时中断了；"
        "请核对最后一行，用表格软件重新保存后再导入"
    )
    SEPARATOR = "表头不是用英文逗号分隔的；请用表格软件另存为“CSV UTF-8（逗号分隔）”"
    NO_HEADER = "第 1 行不是表头，缺少{columns}；请把列名写在第一行"
    HEADER_TWICE = "表头里“{column}”出现了两次；请删去多余的一列"
    NO_ROWS = "名册只有表头，没有人员；请核对文件"


class RowFault(Enum):
    """Why a row is refused because of one cell; the value says what, and what to do next."""

    NAME_EMPTY = "没有填；请照证件填写"
    NAME_LENGTH = "超过 {limit} 个字；请只写姓名"
    NAME_CHARACTERS = "有不属于姓名的字符（{found}）；请照证件改正"
    TEXT_LENGTH = "超过 {limit} 个字；请缩短"
    TEXT_CHARACTERS = "有看不见的控制字符（{found}）；请删去后重新填写"
    FORMULA_CELL = "以等号开头，像是公式；请改填数值本身"
    ERROR_CELL = "是表格软件的错误值；请改填正确的内容"
    CELLS_TOO_MANY = "比表头多 {count} 格，内容可能错位（多半是文字里有英文逗号）；请改正这一行"
    REGION_OUTSIDE = "不在本次调查的地区（{region}）之内；请核对代码，或把这一行移到所属地区的名册"
    RESIDENCE_UNKNOWN = "只能填“农业”或“非农业”，也可以空着；请改正"
    BORN_AFTER = "出生日期在调查时点 {day} 之后；请照证件核对，属实的下一年度再列入"
    AGE_IMPLAUSIBLE = "到调查时点已 {age} 岁；请核对证号，属实的请与县残联联系"
    GRADE_MISSING = "是 18 位，但本人已满 18 周岁；请填写 20 位残疾人证号"
    TWICE_IN_FILE = "与第 {other} 行是同一个人，已采用第 {other} 行；请核对后删去一行"
    ALREADY_IN_CAMPAIGN = (
        "此人已在本次调查中，登记的内容与这一行不同，原登记没有改动；"
        "请核对，以原登记为准的删去这一行"
    )
    LAST_YEAR_CODE = "不是本题的代码；请填 {known} 之一，或空着"
    LAST_YEAR_CODES = "不是本题的代码，或把“无”与别的代码写在一起；请填 {known}，几个代码用空格隔开"
    LAST_YEAR_VALUE = "不是本题能接受的值（{kind}）；请改正，或空着"


class RosterError(CommandFailedError):
    """A file that is refused as a whole; nothing of it was imported. Its message is a sentence."""

    def __init__(self, fault: FileFault, **slots: object) -> None:
        self.fault = fault
        super().__init__(fault.value.format(**slots) + "。")

    @property
    def code(self) -> str:
        """The stable name of the fault, in lower case with hyphens."""
        return code_of(self.fault)


def code_of(kind: Enum) -> str:
    """Return the stable name of a fault or notice, in lower case with hyphens."""
    return kind.name.lower().replace("_", "-")
