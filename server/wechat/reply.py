"""The answer to a request: a text for the sender, plain or sealed, or nothing."""

import re
from dataclasses import dataclass
from datetime import datetime

from server.wechat.gate import Query
from server.wechat.incoming import Incoming
from server.wechat.seal import Seal
from server.wechat.signature import signature

#: Bytes of text that one message may have.
LONGEST = 2_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class ReplyWriter:
    """Writes replies as the account's mode wants them."""

    token: str
    seal: Seal | None

    def write(self, incoming: Incoming, text: str, query: Query, now: datetime) -> str:
        """Return the XML of a reply; an empty text gives an empty body, which WeChat accepts."""
        if not text:
            return ""
        plain = (
            f"<xml><ToUserName>{_cdata(incoming.open_id)}</ToUserName>"
            f"<FromUserName>{_cdata(incoming.account)}</FromUserName>"
            f"<CreateTime>{int(now.timestamp())}</CreateTime>"
            f"<MsgType>{_cdata('text')}</MsgType><Content>{_cdata(text)}</Content></xml>"
        )
        return plain if self.seal is None else self._sealed(self.seal, plain, query, now)

    def _sealed(self, seal: Seal, plain: str, query: Query, now: datetime) -> str:
        sealed, at = seal.close(plain), str(int(now.timestamp()))
        signed = signature(self.token, at, query.nonce, sealed)
        return (
            f"<xml><Encrypt>{_cdata(sealed)}</Encrypt>"
            f"<MsgSignature>{_cdata(signed)}</MsgSignature>"
            f"<TimeStamp>{at}</TimeStamp><Nonce>{_cdata(query.nonce)}</Nonce></xml>"
        )


def parts(text: str, longest: int = LONGEST) -> tuple[str, ...]:
    """Return ``text`` cut at line ends into messages of at most ``longest`` bytes of UTF-8."""
    found, current = [], ""
    for line in (piece for one in text.split("\n") for piece in _pieces(one, longest)):
        joined = f"{current}\n{line}" if current else line
        if len(joined.encode()) > longest:
            found.append(current)
            joined = line
        current = joined
    return tuple(one.strip("\n") for one in (*found, current) if one.strip())


def _pieces(line: str, longest: int) -> list[str]:
    """A line as it is, or what of it surely fits: no character takes more than four bytes."""
    step = longest // 4
    if len(line.encode()) <= longest:
        return [line]
    return [line[start : start + step] for start in range(0, len(line), step)]


def _cdata(text: str) -> str:
    clean = _CONTROL.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{clean}]]>"
