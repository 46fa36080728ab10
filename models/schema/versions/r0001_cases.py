"""Places, campaigns, people, assignments, attempts and staff."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Places, campaigns, people, assignments, attempts and staff."""
    _region()
    _campaign()
    _person()
    _staff()
    _assignment()
    _attempt()


def _region() -> None:
    op.create_table(
        "region",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(code = '000000000000' AND parent IS NULL) OR (parent IS NOT NULL AND parent "
            "<> code AND parent IN ( '000000000000', substr(code, 1, 2) || '0000000000', "
            "substr(code, 1, 4) || '00000000', substr(code, 1, 6) || '000000', substr(code, "
            "1, 9) || '000'))",
            name=op.f("ck_region_parent_of_code"),
        ),
        sa.CheckConstraint(
            "length(code) = 12 AND ltrim(code, '0123456789') = ''",
            name=op.f("ck_region_code_twelve_digits"),
        ),
        sa.CheckConstraint(
            "level = \nCASE WHEN code = '000000000000' THEN 1\n     WHEN substr(code, 3) = "
            "'0000000000' THEN 2\n     WHEN substr(code, 5) = '00000000' THEN 3\n     WHEN "
            "substr(code, 7) = '000000' THEN 4\n     WHEN substr(code, 10) = '000' THEN 5\n "
            "    ELSE 6 END",
            name=op.f("ck_region_level_of_code"),
        ),
        sa.ForeignKeyConstraint(["parent"], ["region.code"], name=op.f("fk_region_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_index(op.f("ix_region_parent"), "region", ["parent"], unique=False)


def _campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("reference_day", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("call_hours", sa.String(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_campaign_status_known")),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_campaign_window_forward")),
        sa.CheckConstraint("length(id) > 0", name=op.f("ck_campaign_id_given")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_campaign_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("telephone", sa.LargeBinary(), nullable=True),
        sa.Column("telephone_index", sa.LargeBinary(), nullable=True),
        sa.Column("particulars", sa.LargeBinary(), nullable=True),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) = 32", name=op.f("ck_person_key_length")),
        sa.CheckConstraint("length(name_index) = 32", name=op.f("ck_person_name_index_length")),
        sa.CheckConstraint(
            "length(telephone_index) = 32", name=op.f("ck_person_telephone_index_length")
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_person_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("key", name=op.f("uq_person_key")),
    )
    op.create_index(op.f("ix_person_name_index"), "person", ["name_index"], unique=False)
    op.create_index(op.f("ix_person_region"), "person", ["region"], unique=False)
    op.create_index(op.f("ix_person_telephone_index"), "person", ["telephone_index"], unique=False)


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("second_factor", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("login <> ''", name=op.f("ck_staff_login_given")),
        sa.CheckConstraint(
            "role IN ('caller', 'caseworker', 'clerk', 'supervisor', 'system_admin', "
            "'security_admin', 'audit_admin')",
            name=op.f("ck_staff_role_known"),
        ),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_staff_failures_counted")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_staff_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("outcome_decided", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("last_year", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT outcome_decided OR outcome <> ''", name=op.f("ck_assignment_decided_outcome_named")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'open', 'paused', 'with_person', 'completed', 'ended')",
            name=op.f("ck_assignment_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_assignment_campaign_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_assignment_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint(
            "campaign_id", "person_id", name=op.f("uq_assignment_campaign_id_person_id")
        ),
    )
    op.create_index(
        "ix_assignment_campaign_region", "assignment", ["campaign_id", "region"], unique=False
    )
    op.create_index(op.f("ix_assignment_person_id"), "assignment", ["person_id"], unique=False)
    op.create_index(
        "uq_assignment_place",
        "assignment",
        ["campaign_id", "region"],
        unique=True,
        sqlite_where=sa.text("person_id IS NULL"),
        postgresql_where=sa.text("person_id IS NULL"),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("aapor", sa.String(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('voice', 'chat', 'wechat', 'window', 'desk', 'terminal')",
            name=op.f("ck_attempt_channel_known"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_attempt_end_has_outcome")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_attempt_number_from_one")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_attempt_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "assignment_id", "number", name=op.f("uq_attempt_assignment_id_number")
        ),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_attempt_channel_external_id")),
    )
    op.create_index(
        "uq_attempt_open",
        "attempt",
        ["assignment_id", "channel"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
