"""What proves that a line is a call's."""

from uuid import UUID

from models.database import Database


def line_token(database: Database, call_id: str) -> str:
    """Return the token of a call's line: the same each time, and nobody can make it without keys.

    It has the form of a UUID, since some carriers bring nothing else.
    """
    return str(UUID(bytes=database.keys.index(f"stream:{call_id}")[:16]))
