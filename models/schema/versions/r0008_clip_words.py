"""The words of a clip with their times, so that a page can follow the sound."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the words that a recogniser heard in a clip."""
    op.add_column("clip", sa.Column("words", sa.LargeBinary(), nullable=True))
