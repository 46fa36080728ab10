"""A nested mapping as a flat one: ``wording.ask``, ``variants[0].when``; and back."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_MAX_INDEX = 5_000
_MAX_STEPS = 12


def flattened(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and text of every scalar in ``value``."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flattened(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from flattened(inner, f"{path}[{index}]")
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """Return the mapping whose scalars ``flat`` names; ValueError for paths that contradict."""
    root: dict[str, Any] = {}
    for path, text in flat.items():
        steps = [name or int(index) for name, index in _STEP.findall(path)]
        if not 0 < len(steps) <= _MAX_STEPS or isinstance(steps[0], int):
            raise ValueError(path)
        _place(root, steps, text)
    return root


def _place(root: Any, steps: list[str | int], text: str) -> None:
    here = root
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        fresh: Any = text if following is None else [] if isinstance(following, int) else {}
        here = _enter(here, step, fresh)


def _enter(here: Any, step: str | int, fresh: Any) -> Any:
    if isinstance(step, int) is not isinstance(here, list) or isinstance(here, str):
        raise ValueError(step)
    if isinstance(step, int):
        if step > min(len(here), _MAX_INDEX):
            raise ValueError(step)
        if step == len(here):
            here.append(fresh)
        return here[step]
    return here.setdefault(step, fresh)
