"""Who changed the table of results, when, and what it said before and after; written once."""

import sqlalchemy as sa
from alembic import op

from models.schema.write_once import write_once

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep every change of a result."""
    op.create_table(
        "disposition_change",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_disposition_change_number_from_one")),
        sa.CheckConstraint("before <> after", name=op.f("ck_disposition_change_changes")),
        sa.CheckConstraint("changed_by <> ''", name=op.f("ck_disposition_change_signed")),
        sa.ForeignKeyConstraint(
            ["name"], ["disposition.name"], name=op.f("fk_disposition_change_name")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_disposition_change")),
    )
    write_once("disposition_change", "number")
