"""The desks, in the order of the rail on the left."""

from collections.abc import Collection
from dataclasses import dataclass

from server.desk.permission import Permission
from server.desk.sitting import Sitting


@dataclass(frozen=True, slots=True)
class Entry:
    """One desk: its name in addresses, what it is called, and who may enter."""

    name: str
    label: str
    path: str
    permission: Permission


RAIL = (
    Entry("review", "审核", "/desk/review", Permission.REVIEW),
    Entry("call", "呼叫", "/desk/calls", Permission.CALL),
    Entry("phone", "网页电话", "/desk/phone", Permission.CALL),
    Entry("window", "窗口", "/desk/window", Permission.WINDOW),
    Entry("progress", "进度", "/desk/progress", Permission.PROGRESS),
    Entry("roster", "名单", "/desk/roster", Permission.ROSTER),
    Entry("sample", "抽样", "/desk/sample", Permission.SAMPLE),
    Entry("admin", "管理", "/desk/admin", Permission.ADMIN),
)


def entries(sitting: Sitting, paths: Collection[str]) -> tuple[Entry, ...]:
    """Return the desks that this person may enter, of those that ``paths`` (the routes) has."""
    return tuple(one for one in RAIL if sitting.may(one.permission) and one.path in paths)
