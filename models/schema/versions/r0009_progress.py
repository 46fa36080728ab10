"""What a campaign demands, visits, and counts by village that triggers keep."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = "(campaign_id, region, measure, shard)"
_ADD = f"ON CONFLICT {_KEY} DO UPDATE SET many = progress.many + excluded.many"


def upgrade() -> None:
    """What a campaign demands, visits, and counts by village that triggers keep."""
    _columns()
    _visit()
    _progress()
    op.execute(_FILL)
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _columns() -> None:
    op.add_column("campaign", sa.Column("demands", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("campaign", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE campaign SET opened_at = created_at")
    op.execute(
        "ALTER TABLE assignment ADD COLUMN visited VARCHAR DEFAULT '' NOT NULL"
        " CONSTRAINT ck_assignment_visited_known CHECK (visited IN ('', 'home', 'met'))"
    )
    op.add_column("assignment", sa.Column("channel", sa.String(), nullable=True))
    op.execute(
        "UPDATE assignment SET channel ="
        " (SELECT channel FROM interview WHERE interview.assignment_id = assignment.id)"
    )


def _visit() -> None:
    op.create_table(
        "visit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('home', 'met')", name=op.f("ck_visit_kind_known")),
        sa.CheckConstraint("recorded_by <> ''", name=op.f("ck_visit_signed")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_visit_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint(
            "assignment_id", "kind", "visited_on",
            name=op.f("uq_visit_assignment_id_kind_visited_on"),
        ),
    )  # fmt: skip


def _progress() -> None:
    op.create_table(
        "progress",
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("many", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_progress_campaign_id")
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_progress_region")),
        sa.PrimaryKeyConstraint(
            "campaign_id", "region", "measure", "shard", name=op.f("pk_progress")
        ),
    )


def _measures(row: str, source: str = "") -> str:
    """Return a query of what ``row`` of assignment counts for."""
    conditions = {
        f"'status:' || {row}.status": "",
        f"'visit:' || {row}.visited": f"{row}.visited <> ''",
        f"'done:' || {row}.channel": f"{row}.status = 'completed' AND {row}.channel IS NOT NULL",
        f"'outcome:' || {row}.outcome": f"{row}.outcome <> '' AND NOT {row}.outcome_decided",
        f"'decided:' || {row}.outcome": f"{row}.outcome_decided",
        "'reached'": f"({row}.visited <> '' OR {row}.status = 'completed')"
        f" AND NOT {row}.outcome_decided",
    }
    return " UNION ALL ".join(
        f"SELECT {row}.campaign_id AS campaign_id, {row}.region AS region, {measure} AS measure"
        f" {source} WHERE {condition or 'true'}"
        for measure, condition in conditions.items()
    )


_PEOPLE = _measures(
    "assignment", "FROM (SELECT * FROM assignment WHERE person_id IS NOT NULL) AS assignment"
)
_OPEN = "SELECT campaign_id, region, 'to_verify' AS measure FROM review_task WHERE status = 'open'"
_FILL = (
    "INSERT INTO progress (campaign_id, region, measure, shard, many)"  # noqa: S608 - own names
    f" SELECT campaign_id, region, measure, 0, count(*) FROM ({_PEOPLE} UNION ALL {_OPEN}) AS each"
    " GROUP BY campaign_id, region, measure"
)


def _adding(measures: str, sign: int, shard: str) -> str:
    return (
        "INSERT INTO progress (campaign_id, region, measure, shard, many)"  # noqa: S608
        f" SELECT campaign_id, region, measure, {shard}, {sign} FROM ({measures}) AS each"
        f" WHERE true {_ADD};"
    )


def _task(row: str) -> str:
    return (
        f"SELECT {row}.campaign_id AS campaign_id, {row}.region AS region, 'to_verify' AS measure"
        f" WHERE {row}.status = 'open'"
    )


_CHANGES = ("campaign_id", "region", "status", "outcome", "outcome_decided", "visited", "channel")


def _on_sqlite() -> None:
    for table, measures, guard, changes in (
        ("assignment", _measures, "{row}.person_id IS NOT NULL", _CHANGES),
        ("review_task", _task, "true", ("campaign_id", "region", "status")),
    ):
        differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in changes)
        away, here = _adding(measures("OLD"), -1, "0"), _adding(measures("NEW"), 1, "0")
        for act, row, when, does in (
            ("INSERT", "NEW", "true", here),
            ("UPDATE", "NEW", f"({differs})", f"{away} {here}"),
            ("DELETE", "OLD", "true", away),
        ):
            op.execute(
                f"CREATE TRIGGER {table}_counted_{act.lower()} AFTER {act} ON {table}"
                f" WHEN {guard.format(row=row)} AND {when} BEGIN {does} END"
            )


def _on_postgresql() -> None:
    shard = "pg_backend_pid() % 32"
    for table, measures, guard, changes in (
        ("assignment", _measures, "{row}.person_id IS NOT NULL", _CHANGES),
        ("review_task", _task, "true", ("campaign_id", "region", "status")),
    ):
        old, new = (
            "(" + ", ".join(f"{row}.{name}" for name in changes) + ")" for row in ("OLD", "NEW")
        )
        op.execute(
            f"CREATE FUNCTION count_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF TG_OP = 'UPDATE' THEN IF {old} IS NOT DISTINCT FROM {new} THEN RETURN NULL;"
            " END IF; END IF;"
            f" IF TG_OP <> 'INSERT' THEN IF {guard.format(row='OLD')} THEN"
            f" {_adding(measures('OLD'), -1, shard)} END IF; END IF;"
            f" IF TG_OP <> 'DELETE' THEN IF {guard.format(row='NEW')} THEN"
            f" {_adding(measures('NEW'), 1, shard)} END IF; END IF;"
            " RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_counted AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION count_{table}()"
        )
