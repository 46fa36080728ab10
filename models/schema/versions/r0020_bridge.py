"""Calls that a person leads through the carrier, and the telephone of each account."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what bridged calls keep."""
    op.add_column("staff", sa.Column("telephone", sa.LargeBinary(), nullable=True))
    _bridge()
    _line()


def _bridge() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "bridge",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("caller_call", sa.String(), nullable=False),
        sa.Column("person_call", sa.String(), nullable=False),
        sa.Column("begun_at", moment, nullable=False),
        sa.Column("met_at", moment, nullable=True),
        sa.Column("asked_from", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("aapor", sa.String(), nullable=True),
        sa.Column("hears", sa.Boolean(), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.CheckConstraint("staff <> ''", name=op.f("ck_bridge_staff_given")),
        sa.CheckConstraint("number >= 0 AND asked_from >= 0", name=op.f("ck_bridge_counted")),
        sa.CheckConstraint(
            "(code IS NULL) = (aapor IS NULL)", name=op.f("ck_bridge_suggests_both")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_bridge_assignment_id")
        ),
        *(
            sa.ForeignKeyConstraint([one], ["phone_call.id"], name=op.f(f"fk_bridge_{one}"))
            for one in ("caller_call", "person_call")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bridge")),
        *(
            sa.UniqueConstraint(one, name=op.f(f"uq_bridge_{one}"))
            for one in ("caller_call", "person_call")
        ),
    )
    op.create_index(op.f("ix_bridge_assignment_id"), "bridge", ["assignment_id"])
    _one_open("staff", "staff")
    _one_open("assignment", "assignment_id")


def _one_open(name: str, column: str) -> None:
    open_ones = sa.text("ended_at IS NULL")
    op.create_index(
        f"uq_bridge_{name}",
        "bridge",
        [column],
        unique=True,
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )


def _line() -> None:
    op.create_table(
        "bridge_line",
        sa.Column("bridge_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utterance", sa.String(), nullable=True),
        sa.Column("sound", sa.LargeBinary(), nullable=True),
        sa.Column("heard", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("side IN ('person', 'caller')", name=op.f("ck_bridge_line_side_known")),
        sa.ForeignKeyConstraint(
            ["bridge_id"], ["bridge.id"], name=op.f("fk_bridge_line_bridge_id")
        ),
        sa.PrimaryKeyConstraint("bridge_id", "number", name=op.f("pk_bridge_line")),
    )
