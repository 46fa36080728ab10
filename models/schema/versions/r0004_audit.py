"""The audit log and the heads of the chains."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_HEAD = sa.table(
    "chain_head", sa.column("name"), sa.column("length"), sa.column("link", sa.LargeBinary())
)


def upgrade() -> None:
    """The audit log and the heads of the chains."""
    _audit()
    _chain_head()
    op.execute(sa.insert(_HEAD).values(name="audit", length=0, link=bytes(32)))


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("actor <> '' AND action <> ''", name=op.f("ck_audit_signed")),
        sa.CheckConstraint("length(link) = 32", name=op.f("ck_audit_link_length")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )


def _chain_head() -> None:
    op.create_table(
        "chain_head",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length >= 0", name=op.f("ck_chain_head_length_counted")),
        sa.CheckConstraint("length(link) = 32", name=op.f("ck_chain_head_link_length")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chain_head")),
    )
