"""The service window: seats, photographs and signed forms."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a service window keeps."""
    _seat()
    _photo()
    _signed_form()


def _seat() -> None:
    op.create_table(
        "window_seat",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_window_seat_assignment_id")
        ),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_window_seat")),
    )


def _photo() -> None:
    op.create_table(
        "photo",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("agreed_by IN ('self', 'proxy')", name=op.f("ck_photo_agreed_by_known")),
        sa.CheckConstraint("taken_by <> ''", name=op.f("ck_photo_taken_by_somebody")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_photo_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_assignment_id"), "photo", ["assignment_id"])


def _signed_form() -> None:
    digests = ("content", "sm3", "sha256")
    op.create_table(
        "signed_form",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("signed_with", sa.String(), nullable=False),
        sa.Column("signatures", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("print", sa.LargeBinary(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("signer IN ('self', 'proxy')", name=op.f("ck_signed_form_signer_known")),
        sa.CheckConstraint("signed_with <> ''", name=op.f("ck_signed_form_signed_with_somebody")),
        *(
            sa.CheckConstraint(f"length({one}) = 32", name=op.f(f"ck_signed_form_{one}_length"))
            for one in digests
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_signed_form_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_form")),
    )
    op.create_index(op.f("ix_signed_form_assignment_id"), "signed_form", ["assignment_id"])
