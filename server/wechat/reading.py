"""WeChat's XML, read by a hardened reader into the few flat fields that it has."""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from server.wechat.fault import Fault, RefusedError

#: The most elements, and the deepest, that a message of WeChat has, with room to spare.
_ELEMENTS, _DEPTH = 200, 5
_ENCODING = re.compile(r"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_SPLIT = re.compile(r"\]\]>\s*<!\[CDATA\[")


def read_fields(body: bytes) -> Mapping[str, str]:
    """Return the fields of a message by name; what is nested deeper is left out.

    Raises :class:`RefusedError` for what is no UTF-8, has a document type, is too deep or too
    wide, has a field twice, or is not one element ``xml``.
    """
    root = _parsed(_decoded(body))
    if root.tag != "xml" or root.attrib:
        raise RefusedError(Fault.BAD_XML)
    names = [child.tag for child in root]
    if len(set(names)) != len(names):
        raise RefusedError(Fault.BAD_XML)
    return {child.tag: child.text or "" for child in root if not len(child)}


def _decoded(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(Fault.BAD_XML) from error
    declared = _ENCODING.match(text.lstrip())
    disguised = declared is not None and declared[1].lower() not in ("utf-8", "utf8")
    deep = text.count("</") > _ELEMENTS or text.count("<") > 3 * _ELEMENTS
    if disguised or deep or "\0" in text or _SPLIT.search(text):
        raise RefusedError(Fault.BAD_XML)
    return text


def _parsed(text: str) -> Element:
    try:
        root: Element = fromstring(text.encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise RefusedError(Fault.BAD_XML) from error
    if _deepest(root) > _DEPTH:
        raise RefusedError(Fault.BAD_XML)
    return root


def _deepest(root: Element) -> int:
    depth, level = 0, [root]
    while level and depth <= _DEPTH:
        depth += 1
        level = [child for one in level for child in one]
    return depth
