"""Text of numbers as people and spreadsheets write it, brought to plain half-width characters."""

_FULL_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)}
_SPACES = dict.fromkeys((0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_DASHES = dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0x30FC), "-")
#: Zero-width characters, marks of writing direction, soft hyphen, byte-order mark.
INVISIBLE = (
    0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF,
)  # fmt: skip
_TABLE: dict[int, int | str | None] = {
    **_FULL_WIDTH, **_SPACES, **_DASHES, **dict.fromkeys(INVISIBLE), 0xFF0D: "-",
}  # fmt: skip


def half_width(text: str) -> str:
    """Return ``text`` with half-width letters, digits, spaces and dashes, nothing invisible in it.

    Only for numbers and codes: names keep the characters they were given with.
    """
    return (text if text.isascii() else text.translate(_TABLE)).strip()
