"""Callers who wait for somebody that the machine is speaking with."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add since when a caller is ready."""
    op.add_column("staff", sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True))
