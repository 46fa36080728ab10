"""The guard on walled connections: no statement reads people's records without a wall."""

from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Table
from sqlalchemy.sql import visitors

from models.failure import UnwalledError

#: The two parameters by which the guard knows a wall when it sees one.
WALL_FROM: Final = "wall_from"
WALL_TO: Final = "wall_to"
#: Tables that hold something of a person; none is read for a desk without the viewer's wall.
BEHIND_THE_WALL: Final = frozenset(
    {
        "answer", "approval", "assignment", "attempt", "bridge", "bridge_line", "calling", "clip",
        "event", "follow_up", "gold", "inbound", "interview", "note", "outbox", "person",
        "progress", "review_task", "revision", "roster_import", "ruling", "ruling_end",
        "uncovering", "verdict", "visit", "photo", "signed_form", "wechat_contact",
        "wechat_message", "window_seat",
    }
)  # fmt: skip


def refuse_unwalled(
    connection: Connection, statement: Any, _several: object, _values: object, _options: object
) -> None:
    """Refuse a statement of a walled connection that lacks the wall of whoever asks.

    A listener for ``before_execute``. Text cannot be looked into, so it is refused as well.
    Raises :class:`models.failure.UnwalledError`.
    """
    bounds = connection.get_execution_options().get("tingwen_wall")
    if bounds is None:
        return
    behind, walls = _looked_at(statement)
    if behind and walls != bounds:
        raise UnwalledError(
            f"A statement reads {', '.join(sorted(behind))} for a desk without the viewer's wall;"
            " add viewer.wall(…) to it."
        )


def _looked_at(statement: Any) -> tuple[set[str], tuple[object, object]]:
    behind: set[str] = set()
    walls: dict[str, object] = {}
    for part in visitors.iterate(statement):
        if isinstance(part, Table) and part.name in BEHIND_THE_WALL:
            behind.add(part.name)
        elif isinstance(part, BindParameter) and part.key in (WALL_FROM, WALL_TO):
            walls[part.key] = part.value
        elif part.__visit_name__ == "textclause":
            behind.add("text")
    return behind, (walls.get(WALL_FROM), walls.get(WALL_TO))
