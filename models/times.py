"""The one text of a moment that chains are computed over."""

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """Return an aware time in UTC to the microsecond, as both databases keep it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
