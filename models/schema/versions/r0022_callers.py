"""Calls of people whom nobody knows yet, and wrong answers to who they are, on any channel."""

import sqlalchemy as sa
from alembic import op

from models.schema.loosen import loosen

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a call be nobody's yet, and keep misses of the telephone beside those of WeChat."""
    loosen("phone_call", "assignment_id")
    op.add_column("phone_call", sa.Column("caller", sa.LargeBinary(), nullable=True))
    _identity_miss()
    op.execute(
        "INSERT INTO identity_miss (id, source, name_index, at)"
        " SELECT id, contact, name_index, at FROM wechat_miss"
    )
    op.drop_table("wechat_miss")


def _identity_miss() -> None:
    op.create_table(
        "identity_miss",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(
                f"length({column}) = 32", name=op.f(f"ck_identity_miss_{column}_length")
            )
            for column in ("source", "name_index")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_miss")),
    )
    for column in ("source", "name_index"):
        op.create_index(op.f(f"ix_identity_miss_{column}"), "identity_miss", [column])
