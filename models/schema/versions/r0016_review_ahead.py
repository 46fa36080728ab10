"""An index of the few open review tasks that have a ruling, by the answer they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the queue find quickly which answers are being settled."""
    ahead = sa.text("status = 'open' AND (pending IS NOT NULL OR round > 1)")
    op.create_index(
        "ix_review_task_ahead",
        "review_task",
        ["interview_id", "item"],
        sqlite_where=ahead,
        postgresql_where=ahead,
    )
