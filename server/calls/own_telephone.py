"""A caller's own telephone, which the carrier rings first."""

import re

from server.telephone.dialler import international

_SIP = re.compile(r"sips?:[A-Za-z0-9._~+%-]{1,64}@[A-Za-z0-9.-]{1,190}(:\d{1,5})?")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


def dialable(given: str) -> str:
    """Return a telephone as the carrier is to dial it; empty if it is none."""
    text = given.strip()
    if _SIP.fullmatch(text):
        return text
    digits = re.sub(r"[\s()-]", "", text)
    number = international(digits) if re.fullmatch(r"\+?\d+", digits) else ""
    return number if _NUMBER.fullmatch(number) else ""
