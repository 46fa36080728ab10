"""WeChat: contacts, messages, used nonces and tickets, wrong answers to the questions that bind."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what WeChat needs."""
    _contact()
    _message()
    _nonce()
    _ticket()
    _miss()


def _contact() -> None:
    op.create_table(
        "wechat_contact",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("open_id", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("bound_by", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) = 32", name=op.f("ck_wechat_contact_key_length")),
        sa.CheckConstraint(
            "asked IN ('', 'name', 'last4')", name=op.f("ck_wechat_contact_asked_known")
        ),
        sa.CheckConstraint(
            "bound_by IN ('', 'ticket', 'questions')",
            name=op.f("ck_wechat_contact_bound_by_known"),
        ),
        sa.CheckConstraint(
            "(person_id IS NULL) = (bound_by = '')", name=op.f("ck_wechat_contact_bound_somehow")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_wechat_contact_person_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wechat_contact")),
    )
    op.create_index(op.f("ix_wechat_contact_person_id"), "wechat_contact", ["person_id"])


def _message() -> None:
    op.create_table(
        "wechat_message",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) = 32", name=op.f("ck_wechat_message_key_length")),
        sa.CheckConstraint(
            "length(fingerprint) = 32", name=op.f("ck_wechat_message_fingerprint_length")
        ),
        sa.CheckConstraint("tries >= 1", name=op.f("ck_wechat_message_tries_from_one")),
        sa.ForeignKeyConstraint(
            ["contact"], ["wechat_contact.key"], name=op.f("fk_wechat_message_contact")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wechat_message")),
    )
    for column in ("contact", "received_at"):
        op.create_index(op.f(f"ix_wechat_message_{column}"), "wechat_message", [column])
    unanswered = sa.text("reply IS NULL")
    op.create_index(
        "ix_wechat_message_unanswered",
        "wechat_message",
        ["taken_until"],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )


def _nonce() -> None:
    op.create_table(
        "wechat_nonce",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) = 32", name=op.f("ck_wechat_nonce_key_length")),
        sa.CheckConstraint("length(message) = 32", name=op.f("ck_wechat_nonce_message_length")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wechat_nonce")),
    )
    op.create_index(op.f("ix_wechat_nonce_at"), "wechat_nonce", ["at"])


def _ticket() -> None:
    op.create_table(
        "wechat_ticket",
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact"], ["wechat_contact.key"], name=op.f("fk_wechat_ticket_contact")
        ),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_wechat_ticket")),
    )


def _miss() -> None:
    op.create_table(
        "wechat_miss",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(name_index) = 32", name=op.f("ck_wechat_miss_name_index_length")
        ),
        sa.ForeignKeyConstraint(
            ["contact"], ["wechat_contact.key"], name=op.f("fk_wechat_miss_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_miss")),
    )
    for column in ("contact", "name_index"):
        op.create_index(op.f(f"ix_wechat_miss_{column}"), "wechat_miss", [column])
