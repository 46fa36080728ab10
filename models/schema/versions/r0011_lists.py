"""Who uncovered whose name, imports from a desk, and indexes for what was done lately."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who uncovered whose name, imports from a desk, and indexes for what was done lately."""
    _uncovering()
    _roster_import()
    op.create_index("ix_attempt_started_at", "attempt", ["started_at"], unique=False)
    op.create_index("ix_verdict_at", "verdict", ["at"], unique=False)


def _uncovering() -> None:
    op.create_table(
        "uncovering",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_uncovering_reason_given")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_uncovering_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uncovering")),
    )
    op.create_index("ix_uncovering_login_at", "uncovering", ["login", "at"], unique=False)


def _roster_import() -> None:
    op.create_table(
        "roster_import",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("file_name", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'refused')", name=op.f("ck_roster_import_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_roster_import_campaign_id")
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_roster_import_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
    )
    op.create_index(op.f("ix_roster_import_region"), "roster_import", ["region"], unique=False)
