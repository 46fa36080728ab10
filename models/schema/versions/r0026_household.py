"""The household of a person, as its code or address in the roster tells."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the blind index of a household; the next roster fills it."""
    op.add_column("person", sa.Column("household_index", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_person_household_index"), "person", ["household_index"])
