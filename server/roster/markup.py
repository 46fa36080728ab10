"""XML of an unknown hand, read as a stream: no document type, no entity, no more than counted."""

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from server.roster.fault import FileFault, RosterError
from server.roster.limits import MAX_SILENCE, MAX_TAGS

Attributes = dict[str, str]


class Markup:
    """Tells a reader what opens, what closes and what text stands between.

    Names come as written, perhaps with a prefix (``x:c``); see :func:`local`.
    """

    def __init__(
        self,
        opened: Callable[[str, Attributes], None],
        closed: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Call ``opened``, ``closed`` and ``text`` as the parts come."""
        self._tags = 0
        self._told = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.StartElementHandler = opened
        self._parser.EndElementHandler = closed
        self._parser.CharacterDataHandler = text

    def read(self, chunks: Iterable[bytes]) -> Iterator[int]:
        """Read ``chunks``, yielding the length of each after it was told."""
        try:
            for chunk in chunks:
                self._weigh(chunk)
                self._parser.Parse(chunk, False)
                yield len(chunk)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise RosterError(FileFault.DAMAGED) from error

    def read_all(self, chunks: Iterable[bytes]) -> None:
        """Read ``chunks`` to the end."""
        for _length in self.read(chunks):
            pass

    def _weigh(self, chunk: bytes) -> None:
        """Refuse too many tags, and a tag so long that reading it again and again takes long."""
        self._tags += chunk.count(b"<")
        if self._tags > MAX_TAGS:
            raise RosterError(FileFault.PACKED_TOO_TIGHT)
        if self._told - self._parser.CurrentByteIndex > MAX_SILENCE:
            raise RosterError(FileFault.UNSAFE_XML)
        self._told += len(chunk)


def local(name: str) -> str:
    """Return a name without its prefix."""
    return name.rpartition(":")[2]


def _refuse(*_declared: object) -> None:
    raise RosterError(FileFault.UNSAFE_XML)
