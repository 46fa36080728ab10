"""The review desk: order of the queue, rulings with an end, follow-ups, notes, gold tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEYS = {"ruling": "id", "ruling_end": "ruling_id", "note": "id"}
#: Written as SQL, since only so can SQLite add a column with its constraint to a table in use.
_COLUMNS = (
    "channel VARCHAR NOT NULL DEFAULT ''",
    "due_on DATE NOT NULL DEFAULT '9999-12-31'",
    "urgency SMALLINT NOT NULL DEFAULT 5",
    "round SMALLINT NOT NULL DEFAULT 1"
    " CONSTRAINT ck_review_task_round_known CHECK (round BETWEEN 1 AND 3)",
    "pending VARCHAR",
    "entered_by VARCHAR NOT NULL DEFAULT ''",
    "first_by VARCHAR NOT NULL DEFAULT ''",
    "second_by VARCHAR NOT NULL DEFAULT ''"
    " CONSTRAINT ck_review_task_second_is_another CHECK (second_by = '' OR second_by <> first_by)"
    " CONSTRAINT ck_review_task_four_eyes CHECK"
    " (claimed_by IS NULL OR claimed_by NOT IN (entered_by, first_by, second_by))",
)


def upgrade() -> None:
    """Add what the review desk keeps."""
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE review_task ADD COLUMN {column}")
    _indexes()
    _ruling()
    _ruling_end()
    _follow_up()
    _note()
    _gold()
    for table, key in _KEYS.items():
        _write_once(table, key)


def _indexes() -> None:
    is_open, pending = sa.text("status = 'open'"), sa.text("pending IS NOT NULL")
    op.create_index(
        "ix_review_task_queue",
        "review_task",
        ["due_on", "urgency", "region", "assignment_id", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(
        "uq_review_task_pending",
        "review_task",
        ["pending"],
        unique=True,
        sqlite_where=pending,
        postgresql_where=pending,
    )


def _ruling() -> None:
    op.create_table(
        "ruling",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settles_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('confirm', 'change', 'undetermined', 'reopen', 'visit', 'accept', "
            "'reject')",
            name=op.f("ck_ruling_decision_known"),
        ),
        sa.CheckConstraint("kind IN ('review', 'gold')", name=op.f("ck_ruling_kind_known")),
        sa.CheckConstraint("round BETWEEN 1 AND 3", name=op.f("ck_ruling_round_known")),
        sa.CheckConstraint("id <> '' AND given_by <> ''", name=op.f("ck_ruling_signed")),
        sa.CheckConstraint("settles_at >= at", name=op.f("ck_ruling_settles_later")),
        sa.ForeignKeyConstraint(["task_id"], ["review_task.id"], name=op.f("fk_ruling_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
    )
    op.create_index(op.f("ix_ruling_task_id"), "ruling", ["task_id"], unique=False)
    op.create_index("ix_ruling_given_by_at", "ruling", ["given_by", "at"], unique=False)


def _ruling_end() -> None:
    op.create_table(
        "ruling_end",
        sa.Column("ruling_id", sa.String(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ending IN ('settled', 'withdrawn', 'superseded', 'refused')",
            name=op.f("ck_ruling_end_ending_known"),
        ),
        sa.ForeignKeyConstraint(["ruling_id"], ["ruling.id"], name=op.f("fk_ruling_end_ruling_id")),
        sa.PrimaryKeyConstraint("ruling_id", name=op.f("pk_ruling_end")),
    )


def _follow_up() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("ruling_id", sa.String(), nullable=False),
        sa.Column("items", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('call_back', 'visit')", name=op.f("ck_follow_up_kind_known")),
        sa.CheckConstraint("asked_by <> ''", name=op.f("ck_follow_up_signed")),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL)", name=op.f("ck_follow_up_done_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_follow_up_assignment_id")
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_follow_up_region")),
        sa.ForeignKeyConstraint(["ruling_id"], ["ruling.id"], name=op.f("fk_follow_up_ruling_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("ruling_id", name=op.f("uq_follow_up_ruling_id")),
    )
    op.create_index(
        op.f("ix_follow_up_assignment_id"), "follow_up", ["assignment_id"], unique=False
    )
    is_open = sa.text("done_at IS NULL")
    op.create_index(
        "ix_follow_up_open",
        "follow_up",
        ["region", "asked_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _note() -> None:
    op.create_table(
        "note",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("written_by <> ''", name=op.f("ck_note_signed")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_note_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_assignment_id"), "note", ["assignment_id"], unique=False)


def _gold() -> None:
    op.create_table(
        "gold",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("chosen_by", sa.String(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("chosen_by <> ''", name=op.f("ck_gold_signed")),
        sa.ForeignKeyConstraint(["task_id"], ["review_task.id"], name=op.f("fk_gold_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_gold")),
    )


def _write_once(table: str, key: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite(table, key)
        return
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _on_sqlite(table: str, key: str) -> None:
    refuse = f"SELECT RAISE(ABORT, '{table} rows are written once; add a new one instead')"
    written = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - names of this file
    for name, when in (("update", ""), ("delete", ""), ("insert", f"WHEN {written}")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {name.upper()} ON {table} {when}"
            f" BEGIN {refuse}; END"
        )
