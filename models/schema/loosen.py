"""Lets a column that was always filled be empty, on both databases."""

import re

import sqlalchemy as sa
from alembic import op


def loosen(table: str, column: str) -> None:
    """Let ``column`` of ``table`` be NULL; rows, constraints and indexes stay as they are.

    SQLite cannot change a column, so its table is made anew under the same name. Rows elsewhere
    that point to it point to the same keys afterwards, which is looked at when the step is kept.
    The table must have no triggers.
    """
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite(table, column)
    else:
        op.alter_column(table, column, nullable=True)


def _on_sqlite(table: str, column: str) -> None:
    made, indexes = _statements(table)
    loose = re.sub(rf"^(\s*{column} [^,\n]*?) NOT NULL", r"\1", made, count=1, flags=re.MULTILINE)
    if loose == made:
        raise LookupError(f"{table}.{column} may be empty already")
    kept = f"{table}_kept"
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TABLE {kept} AS SELECT * FROM {table}")  # noqa: S608 - of revisions
    op.execute(f"DROP TABLE {table}")
    for statement in (loose, f"INSERT INTO {table} SELECT * FROM {kept}", *indexes):  # noqa: S608
        op.execute(sa.text(statement.replace(":", r"\:")))
    op.execute(f"DROP TABLE {kept}")


def _statements(table: str) -> tuple[str, list[str]]:
    wanted = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql <> ''")
    found = op.get_bind().execute(wanted, {"table": table}).all()
    made = next(sql for kind, sql in found if kind == "table")
    if any(kind == "trigger" for kind, _sql in found):
        raise LookupError(f"{table} has triggers, which would be lost")
    return made, [sql for kind, sql in found if kind == "index"]
