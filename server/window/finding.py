"""Finding the person at the counter, within what the clerk may see."""

import re
import unicodedata

from models.case import Case
from models.failure import NotFoundError
from models.walled import Walled
from models.window import Window

#: A certificate number wherever it stands in what a scanner types: 18 places, two more, and
#: perhaps B and a digit where it was issued again.
_NUMBER = re.compile(r"(?<![0-9A-Z])[0-9]{17}[0-9X](?:[0-9]{2}(?:B[0-9])?)?(?![0-9A-Z])")


def scanned_number(text: str) -> str:
    """Return the certificate number in what was typed or scanned, or an empty text."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    found = _NUMBER.search(plain)
    return found[0] if found else ""


def find(records: Walled, *, number: str = "", name: str = "", last4: str = "") -> tuple[Case, ...]:
    """Return the cases of open campaigns with this number, or this name and last four places.

    The newest campaign first; nothing where neither is given whole.
    """
    found: list[Case] = []
    for campaign in reversed(records.campaigns()):
        if campaign.status != "open":
            continue
        if number:
            found += records.by_certificate(campaign.id, number)
        elif name and last4:
            wanted = unicodedata.normalize("NFKC", last4).upper()
            named = records.by_name(campaign.id, name)
            found += [one for one in named if one.certificate[:20][-4:] == wanted]
    return tuple(found)


def served(window: Window, records: Walled) -> str:
    """Return the assignment that a clerk serves; empty for nobody, and beyond the wall by now."""
    found = window.served(records.viewer.login)
    try:
        return records.case(found).assignment_id if found else ""
    except NotFoundError:
        return ""
