"""A workbook with one roster in it: which sheet that is, and what else it must not hold."""

import posixpath
from collections.abc import Iterator
from pathlib import Path

from server.roster.archive import Archive
from server.roster.fault import FileFault, RosterError
from server.roster.markup import Attributes, Markup, local
from server.roster.remark import Notice, Remark
from server.roster.sheet import SheetReader, StringReader
from server.roster.table import Line

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedStrings.xml"


class Workbook:
    """An .xlsx file under reading; a :class:`server.roster.table.Table`."""

    may_shift = False

    def __init__(self, path: Path) -> None:
        """Open the file and choose its sheet. Raises :class:`RosterError`; close it when done."""
        self._archive = Archive(path)
        self._read = 0
        try:
            _refuse_macros(self._archive)
            _refuse_links(self._archive)
            self._sheet, others, self.remarks = self._choose()
            self._strings = self._shared()
            for name, part in others:
                self._refuse_content(name, part)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    @property
    def total(self) -> int:
        """How many bytes the sheet has."""
        return self._archive.size(self._sheet)

    @property
    def done(self) -> int:
        """How many bytes of the sheet were read."""
        return self._read

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the roster's sheet."""
        return SheetReader(self._strings).lines(self._counted())

    def _counted(self) -> Iterator[bytes]:
        for chunk in self._archive.chunks(self._sheet):
            self._read += len(chunk)
            yield chunk

    def _choose(self) -> tuple[str, list[tuple[str, str]], tuple[Remark, ...]]:
        """Return the first visible sheet, the other visible ones, and remarks on hidden ones."""
        listed = list(_sheets(self._archive))
        seen = [(name, part) for name, part, hidden in listed if not hidden]
        unseen = [name for name, _, hidden in listed if hidden]
        if not seen:
            raise RosterError(FileFault.NO_SHEET)
        remarks = tuple(Remark.of(Notice.SHEET_IGNORED, sheet=name) for name in unseen)
        return seen[0][1], seen[1:], remarks

    def _shared(self) -> list[str]:
        if _STRINGS not in self._archive.names:
            return []
        return StringReader().read(self._archive.chunks(_STRINGS))

    def _refuse_content(self, name: str, part: str) -> None:
        for line in SheetReader(self._strings).lines(self._archive.chunks(part)):
            if not line.is_blank:
                raise RosterError(FileFault.SEVERAL_SHEETS, sheet=name)


def _sheets(archive: Archive) -> Iterator[tuple[str, str, bool]]:
    """Yield each sheet's name, part and whether it is hidden."""
    targets: dict[str, str] = {}
    listed: list[tuple[str, str, bool]] = []

    def link(name: str, attributes: Attributes) -> None:
        if local(name) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name: str, attributes: Attributes) -> None:
        if local(name) == "sheet":
            relation = next((attributes[key] for key in attributes if key.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            listed.append((attributes.get("name", "")[:31], relation, hidden))

    Markup(link).read_all(archive.part(_LINKS))
    Markup(sheet).read_all(archive.part(_BOOK))
    for title, relation, hidden in listed:
        yield (
            title,
            posixpath.normpath(posixpath.join("/xl", targets.get(relation, "")))[1:],
            hidden,
        )


def _refuse_macros(archive: Archive) -> None:
    def kind(name: str, attributes: Attributes) -> None:
        del name
        if "macro" in attributes.get("ContentType", "").lower():
            raise RosterError(FileFault.MACROS)

    Markup(kind).read_all(archive.part("[Content_Types].xml"))


def _refuse_links(archive: Archive) -> None:
    """Refuse what points outside; a hyperlink is only text that nothing follows."""

    def link(name: str, attributes: Attributes) -> None:
        outside = attributes.get("TargetMode", "").lower() == "external"
        if local(name) == "Relationship" and outside:
            kind = attributes.get("Type", "").rpartition("/")[2]
            if kind != "hyperlink":
                raise RosterError(FileFault.EXTERNAL, part=kind[:40])

    for part in archive.names:
        if part.lower().endswith(".rels"):
            Markup(link).read_all(archive.part(part))
