"""An index that the kinds of open review tasks are counted by."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count open tasks by what they are, without looking at the tasks themselves."""
    is_open = sa.text("status = 'open'")
    op.create_index(
        "ix_review_task_kinds",
        "review_task",
        ["campaign_id", "item", "reason", "region", "channel"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
