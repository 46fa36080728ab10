"""Who asks on a call that a caller leads: the caller, or the machine in between."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A person can be handed to the machine and back; a caller leads one call at a time."""
    known = sa.CheckConstraint(
        "led_by IN ('caller', 'machine')", name=op.f("ck_bridge_led_by_known")
    )
    no = sa.false()
    for table, column in (
        (
            "bridge",
            sa.Column("led_by", sa.String(), known, nullable=False, server_default="caller"),
        ),
        ("bridge", sa.Column("moves", sa.Integer(), nullable=False, server_default="0")),
        ("bridge", sa.Column("wanted", sa.Boolean(), nullable=False, server_default=no)),
        ("bridge_line", sa.Column("by_machine", sa.Boolean(), nullable=False, server_default=no)),
    ):
        op.add_column(table, column)
    led = sa.text("ended_at IS NULL AND led_by = 'caller'")
    op.drop_index("uq_bridge_staff", "bridge")
    op.create_index(
        "uq_bridge_staff", "bridge", ["staff"], unique=True, sqlite_where=led, postgresql_where=led
    )
