"""Triggers by which the database refuses to change rows that are written once."""

from alembic import op


def write_once(table: str, key: str) -> None:
    """Refuse UPDATE, DELETE and REPLACE, and on PostgreSQL TRUNCATE, of the rows of ``table``.

    ``key`` is its primary key. On PostgreSQL ``refuse_change`` of revision 0005 is called.
    """
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite(table, key)
    else:
        _on_postgresql(table)


def _on_sqlite(table: str, key: str) -> None:
    refuse = f"SELECT RAISE(ABORT, '{table} rows are written once; add a new one instead')"
    written = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - of revisions
    for name, when in (("update", ""), ("delete", ""), ("insert", f"WHEN {written}")):
        # REPLACE deletes the older row without asking the trigger on DELETE, so INSERT asks.
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {name.upper()} ON {table} {when}"
            f" BEGIN {refuse}; END"
        )


def _on_postgresql(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
