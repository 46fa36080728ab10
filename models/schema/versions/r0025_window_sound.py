"""Who agreed that what is said at the service window is kept as sound."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add who agreed, and who asked them."""
    op.create_table(
        "sound_consent",
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "agreed_by IN ('self', 'proxy')", name=op.f("ck_sound_consent_agreed_by_known")
        ),
        sa.CheckConstraint("asked_by <> ''", name=op.f("ck_sound_consent_asked_by_somebody")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"],
            name=op.f("fk_sound_consent_assignment_id_assignment"),
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_sound_consent")),
    )  # fmt: skip
