"""Events, revisions, verdicts and audit rows are written once: the database refuses the rest."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEYS = {
    "event": ("interview_id", "seq"),
    "revision": ("interview_id", "event_seq", "item"),
    "verdict": ("task_id",),
    "audit": ("seq",),
}
_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are written once; add a new one instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    """Refuse UPDATE and DELETE, and on PostgreSQL TRUNCATE, of what is written once."""
    if op.get_bind().dialect.name == "sqlite":
        for table, key in _KEYS.items():
            _on_sqlite(table, key)
    else:
        op.execute(_REFUSE)
        for table in _KEYS:
            _on_postgresql(table)


def _on_sqlite(table: str, key: tuple[str, ...]) -> None:
    refuse = f"SELECT RAISE(ABORT, '{table} rows are written once; add a new one instead')"
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    written = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names of this file
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
