"""YAML read as plain text: every scalar a string, no aliases, no tags, no duplicate keys."""

from dataclasses import dataclass, field

import yaml

MAX_BYTES = 4_000_000
MAX_DEPTH = 40
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class UnreadableFormError(ValueError):
    """A file that cannot be taken as a form at all; ``str()`` is one sentence."""


@dataclass(frozen=True, slots=True)
class PlainYaml:
    """A YAML document as mappings, lists and text, with the line of every path."""

    value: object
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, path: str) -> int | None:
        """Return the line of ``path`` or of the nearest place around it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get("")


def read_plain_yaml(content: bytes) -> PlainYaml:
    """Read one YAML document of at most ``MAX_BYTES`` bytes in UTF-8.

    Raises :class:`UnreadableFormError` for anything that is not one, for anchors, aliases and
    tags (by which a small file grows without bound) and for a key written twice.
    """
    builder = _Builder()
    try:
        for event in yaml.parse(_decoded(content), Loader=_Loader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise UnreadableFormError(_sentence(error)) from error
    if builder.documents != 1:
        raise UnreadableFormError(
            f"the file holds {builder.documents} YAML documents; write exactly one form into it."
        )
    return PlainYaml(builder.root, builder.lines)


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        size = len(content) / 1e6
        raise UnreadableFormError(
            f"the file has {size:.1f} MB and a form may have {MAX_BYTES / 1e6:.0f} MB;"
            " split it into a form and overlays."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFormError(
            f"byte {error.start} is not UTF-8; save the form as UTF-8 text."
        ) from error
    if "\0" in text:
        raise UnreadableFormError("the file is binary, not text; give a YAML or XLSForm file.")
    return text


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it is not YAML"
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{problem}; correct the YAML there."


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; ``key`` is the key whose value comes next."""

    value: dict[str, object] | list[object]
    path: str
    key: str | None = None


class _Builder:
    """Builds plain values from YAML's events as they come, so that nothing is expanded."""

    def __init__(self) -> None:
        self.root: object = None
        self.documents = 0
        self.lines: dict[str, int] = {}
        self._open: list[_Open] = []

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the document."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.ScalarEvent):
            _refuse_indirection(event, line)
            self._take_scalar(event.value, line)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            _refuse_indirection(event, line)
            self._start({} if isinstance(event, yaml.MappingStartEvent) else [], line)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._open.pop()
        elif isinstance(event, yaml.AliasEvent):
            _refuse_indirection(event, line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1

    def _take_scalar(self, text: str, line: int) -> None:
        inner = self._open[-1] if self._open else None
        if inner is not None and isinstance(inner.value, dict) and inner.key is None:
            if text in inner.value:
                raise UnreadableFormError(
                    f"line {line} writes the key `{text}` a second time; keep one."
                )
            inner.key = text
        else:
            self._place(text, line)

    def _start(self, value: dict[str, object] | list[object], line: int) -> None:
        inner = self._open[-1] if self._open else None
        if inner is not None and isinstance(inner.value, dict) and inner.key is None:
            raise UnreadableFormError(f"line {line} has a key that is no text; write a text.")
        if len(self._open) >= MAX_DEPTH:
            raise UnreadableFormError(
                f"line {line} is nested more than {MAX_DEPTH} deep; a form is at most ten deep."
            )
        self._open.append(_Open(value, self._place(value, line)))

    def _place(self, value: object, line: int) -> str:
        """Put ``value`` where it belongs and return its path."""
        if not self._open:
            self.root, path = value, ""
        else:
            path = self._put(self._open[-1], value)
        self.lines[path] = line
        return path

    def _put(self, inner: _Open, value: object) -> str:
        if isinstance(inner.value, list):
            inner.value.append(value)
            return f"{inner.path}[{len(inner.value) - 1}]"
        key = inner.key or ""
        inner.value[key], inner.key = value, None
        return f"{inner.path}.{key}" if inner.path else key


def _refuse_indirection(event: yaml.Event, line: int) -> None:
    tag = getattr(event, "tag", None)
    if getattr(event, "anchor", None) or (tag and tag != "!"):
        what = "a tag" if tag else "an anchor or alias"
        raise UnreadableFormError(
            f"line {line} uses {what}, which forms do not have; write it out."
        )
