"""How much a roster may hold. What is larger is refused before it is read."""

from typing import Final

MAX_FILE: Final = 32 * 1024 * 1024
MAX_EXPANDED: Final = 384 * 1024 * 1024
#: Rosters of 100,000 rows expand 17-fold; only padding made to burst expands further than this.
MAX_RATIO: Final = 60
#: Below this many bytes an entry may expand at any ratio.
SMALL_ENTRY: Final = 1024 * 1024
MAX_ENTRIES: Final = 1_000
MAX_DIRECTORY: Final = 256 * 1024
MAX_PART: Final = 4 * 1024 * 1024
#: Tags in one part, opening and closing ones.
MAX_TAGS: Final = 36_000_000
MAX_STRINGS: Final = 2_000_000
MAX_STRING_CHARACTERS: Final = 48_000_000
MAX_ROWS: Final = 100_000
#: Blank lines count here too.
MAX_LINES: Final = 2 * MAX_ROWS
#: Cells that hold only a format, and parts of a sheet that are neither row nor cell nor text.
MAX_BLANK_CELLS: Final = 6_000_000
MAX_ASIDES: Final = 2_000_000
MAX_COLUMNS: Final = 128
MAX_CELL: Final = 32_767
MAX_LINE: Final = 65_536
CHUNK: Final = 64 * 1024
#: A single tag of this many bytes is none that a spreadsheet writes.
MAX_SILENCE: Final = 16 * CHUNK
