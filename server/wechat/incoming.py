"""One message or event of somebody who writes to the account."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from server.wechat.fault import Fault, RefusedError

_OPEN_ID = re.compile(r"[A-Za-z0-9_-]{6,64}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_KEPT = (
    "MsgType", "Event", "EventKey", "Content", "MediaId", "Format", "Recognition", "bizmsgmenuid",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came in: who wrote to whom, when, the message's name for ever, and its fields."""

    open_id: str
    account: str
    sent_at: datetime
    name: str
    fields: Mapping[str, str]

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "Incoming":
        """Return the message of these fields. Raises :class:`RefusedError` if one is wrong."""
        open_id = _needed(fields, "FromUserName", _OPEN_ID)
        sent = int(_needed(fields, "CreateTime", re.compile(r"[0-9]{1,11}")))
        kept = {name: fields[name] for name in _KEPT if fields.get(name)}
        kept["MsgType"] = _needed(fields, "MsgType", re.compile(r"[a-z_]{1,32}"))
        return cls(
            open_id=open_id,
            account=_needed(fields, "ToUserName", re.compile(r"[A-Za-z0-9_@.-]{1,64}")),
            sent_at=datetime.fromtimestamp(sent, UTC),
            name=_name(fields, kept, open_id, sent),
            fields=kept,
        )

    @property
    def kind(self) -> str:
        """Its type: ``text``, ``voice``, ``event`` and others of WeChat."""
        return self.fields["MsgType"]

    @property
    def event(self) -> str:
        """The event in lower case, empty for a message."""
        return self.fields.get("Event", "").lower()

    def field(self, name: str) -> str:
        """Return a field, empty if it is not there."""
        return self.fields.get(name, "")

    def text(self) -> str:
        """Return the fields as the records keep them."""
        return json.dumps(dict(self.fields), ensure_ascii=False, sort_keys=True)


def _needed(fields: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    value = fields.get(name, "").strip()
    if not form.fullmatch(value):
        raise RefusedError(Fault.NO_FIELD, name=name)
    return value


def _name(fields: Mapping[str, str], kept: Mapping[str, str], open_id: str, sent: int) -> str:
    """Messages have an id; events have none, so their sender and time (and what) name them."""
    if kept["MsgType"] != "event":
        return f"msg:{_needed(fields, 'MsgId', _NUMBER)}"
    return f"event:{open_id}:{sent}:{kept.get('Event', '')}:{kept.get('EventKey', '')}"
