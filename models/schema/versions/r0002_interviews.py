"""Interviews, events and what is computed from them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Interviews, events and what is computed from them."""
    _interview()
    _event()
    _answer()
    _revision()
    _clip()


def _interview() -> None:
    op.create_table(
        "interview",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("form_version", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("waiting_for", sa.String(), nullable=False),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('voice', 'chat', 'wechat', 'window', 'desk', 'terminal')",
            name=op.f("ck_interview_channel_known"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'paused', 'with_person', 'completed', 'ended')",
            name=op.f("ck_interview_status_known"),
        ),
        sa.CheckConstraint("length(link) = 32", name=op.f("ck_interview_link_length")),
        sa.CheckConstraint(
            "lock_version >= 1 AND length >= 1", name=op.f("ck_interview_counts_from_one")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_interview_assignment_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_interview_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_interview_assignment_id")),
    )
    op.create_index(op.f("ix_interview_campaign_id"), "interview", ["campaign_id"], unique=False)


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("campaign_seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("campaign_link", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "length(campaign_link) = 32", name=op.f("ck_event_campaign_link_length")
        ),
        sa.CheckConstraint("length(link) = 32", name=op.f("ck_event_link_length")),
        sa.CheckConstraint("seq >= 1 AND campaign_seq >= 1", name=op.f("ck_event_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_event_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interview.id"], name=op.f("fk_event_interview_id")
        ),
        sa.PrimaryKeyConstraint("interview_id", "seq", name=op.f("pk_event")),
        sa.UniqueConstraint(
            "campaign_id", "campaign_seq", name=op.f("uq_event_campaign_id_campaign_seq")
        ),
    )


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("speaker", sa.String(), nullable=False),
        sa.Column("relation", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("utterance", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("reconfirm", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "speaker IN ('nobody', 'self', 'proxy', 'staff')", name=op.f("ck_answer_speaker_known")
        ),
        sa.CheckConstraint(
            "state IN ('recorded', 'to_verify', 'verified', 'declined', 'unknown', 'skipped')",
            name=op.f("ck_answer_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('declined', 'unknown', 'skipped') OR value IS NULL",
            name=op.f("ck_answer_no_value_without_answer"),
        ),
        sa.CheckConstraint(
            "confidence BETWEEN 0 AND 1", name=op.f("ck_answer_confidence_is_share")
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interview.id"], name=op.f("fk_answer_interview_id")
        ),
        sa.PrimaryKeyConstraint("interview_id", "item", name=op.f("pk_answer")),
    )


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=False),
        sa.Column("value_before", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("actor <> ''", name=op.f("ck_revision_actor_named")),
        sa.CheckConstraint(
            "state IN ('recorded', 'to_verify', 'verified', 'declined', 'unknown', 'skipped')",
            name=op.f("ck_revision_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('declined', 'unknown', 'skipped') OR value IS NULL",
            name=op.f("ck_revision_no_value_without_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["interview_id", "event_seq"],
            ["event.interview_id", "event.seq"],
            name=op.f("fk_revision_interview_id_event_seq"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("interview_id", "event_seq", "item", name=op.f("pk_revision")),
    )


def _clip() -> None:
    op.create_table(
        "clip",
        sa.Column("utterance", sa.String(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("sound", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_clip_rate_positive")),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interview.id"], name=op.f("fk_clip_interview_id")
        ),
        sa.PrimaryKeyConstraint("utterance", name=op.f("pk_clip")),
    )
    op.create_index(op.f("ix_clip_interview_id"), "clip", ["interview_id"], unique=False)
    op.create_index(op.f("ix_clip_recorded_at"), "clip", ["recorded_at"], unique=False)
