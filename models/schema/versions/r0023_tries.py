"""Attempts say whether we called or were called, since only the former count as tries."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count everything before this step as called by us, as it was."""
    no = sa.false()
    op.add_column("attempt", sa.Column("incoming", sa.Boolean(), nullable=False, server_default=no))
