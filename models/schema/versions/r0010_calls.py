"""Telephone calls, who wants none, and how people talk."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATES = "'queued', 'ringing', 'answered', 'completed', 'busy', 'no_answer', 'failed', 'canceled'"


def upgrade() -> None:
    """Telephone calls, who wants none, and how people talk."""
    _phone_call()
    _opt_out()
    _talking()


def _phone_call() -> None:
    op.create_table(
        "phone_call",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_phone_call_state_known")),
        sa.CheckConstraint(
            "answered_by IN ('human', 'machine', 'fax', 'unknown')",
            name=op.f("ck_phone_call_answered_by_known"),
        ),
        sa.CheckConstraint("length(token) = 32", name=op.f("ck_phone_call_token_length")),
        sa.CheckConstraint(
            "media_at IS NULL OR external_id IS NOT NULL", name=op.f("ck_phone_call_media_has_name")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_phone_call_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_call")),
        sa.UniqueConstraint("external_id", name=op.f("uq_phone_call_external_id")),
        sa.UniqueConstraint("token", name=op.f("uq_phone_call_token")),
    )
    op.create_index(op.f("ix_phone_call_assignment_id"), "phone_call", ["assignment_id"])
    op.create_index("ix_phone_call_ended_at_lease_until", "phone_call", ["ended_at", "lease_until"])
    op.create_index("ix_phone_call_placed_at", "phone_call", ["placed_at"])


def _opt_out() -> None:
    op.create_table(
        "opt_out",
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("telephone_index", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(telephone_index) = 32", name=op.f("ck_opt_out_telephone_index_length")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_opt_out_assignment_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opt_out_person_id")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_opt_out")),
    )
    op.create_index(op.f("ix_opt_out_person_id"), "opt_out", ["person_id"])
    op.create_index(op.f("ix_opt_out_telephone_index"), "opt_out", ["telephone_index"])


def _talking() -> None:
    op.create_table(
        "talking",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("pause", sa.Double(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pause >= 0 AND rate > 0", name=op.f("ck_talking_sane")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_talking_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_talking")),
    )
