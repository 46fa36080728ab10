"""Text that a spreadsheet would take for a formula, made harmless (OWASP, CSV injection)."""

import unicodedata

_BEGINNINGS = frozenset("=+-@\t\r\n＝＋－＠")
_SIGN = "'"


def harmless(text: str) -> str:
    """Return ``text`` with a leading apostrophe if a spreadsheet might run it, else as it is.

    Nothing is lost: of ``u = harmless(t)`` the text ``t`` is ``u`` without its first sign if
    that is an apostrophe and ``is_risky(u[1:])``, and else ``u``.
    """
    return _SIGN + text if is_risky(text) else text


def is_risky(text: str) -> bool:
    """Whether ``text`` begins as a formula, also behind apostrophes, blanks or unseen signs."""
    for sign in text:
        if sign in _BEGINNINGS:
            return True
        if sign != _SIGN and not _is_unseen(sign):
            return False
    return False


def _is_unseen(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf")
