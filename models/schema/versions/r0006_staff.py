"""Evaluators, languages and skills, second factors, sittings, failed sign-ins and approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ROLES = (
    "role IN ('caller', 'caseworker', 'clerk', 'supervisor', 'evaluator', 'system_admin', "
    "'security_admin', 'audit_admin')"
)
_OLD = "id, login, name, role, region, password, second_factor, active, created_at"


def upgrade() -> None:
    """Evaluators, languages and skills, second factors, sittings, failures and approvals."""
    if op.get_bind().dialect.name == "sqlite":
        _staff_anew()
    else:
        _staff_altered()
    _passkey()
    _sitting()
    _sign_in_failure()
    _approval()


def _staff_anew() -> None:
    """SQLite cannot change a constraint, so the table is made anew."""
    op.rename_table("staff", "staff_before")
    op.create_table(
        "staff",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("second_factor", sa.LargeBinary(), nullable=True),
        sa.Column("code_step", sa.BigInteger(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("login <> ''", name=op.f("ck_staff_login_given")),
        sa.CheckConstraint(_ROLES, name=op.f("ck_staff_role_known")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_staff_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.execute(
        f"INSERT INTO staff ({_OLD}, languages, skills, fresh)"  # noqa: S608 - own names
        f" SELECT {_OLD}, '[]', '[]', 0 FROM staff_before"
    )
    op.drop_table("staff_before")


def _staff_altered() -> None:
    op.drop_constraint(op.f("ck_staff_role_known"), "staff")
    op.create_check_constraint(op.f("ck_staff_role_known"), "staff", _ROLES)
    op.drop_constraint(op.f("ck_staff_failures_counted"), "staff")
    op.drop_column("staff", "failures")
    op.drop_column("staff", "locked_until")
    op.add_column("staff", sa.Column("code_step", sa.BigInteger(), nullable=True))
    for name, kind, value in (
        ("languages", sa.JSON(), "[]"),
        ("skills", sa.JSON(), "[]"),
        ("fresh", sa.Boolean(), "false"),
    ):
        op.add_column("staff", sa.Column(name, kind, nullable=False, server_default=value))
        op.alter_column("staff", name, server_default=None)


def _passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_passkey_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
    )
    op.create_index(op.f("ix_passkey_staff_id"), "passkey", ["staff_id"], unique=False)


def _sitting() -> None:
    op.create_table(
        "sitting",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(id) = 32", name=op.f("ck_sitting_id_length")),
        sa.CheckConstraint("ends_at > begun_at", name=op.f("ck_sitting_forward")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sitting_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
    )
    op.create_index(op.f("ix_sitting_staff_id"), "sitting", ["staff_id"], unique=False)


def _sign_in_failure() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('account', 'address')", name=op.f("ck_sign_in_failure_kind_known")
        ),
        sa.CheckConstraint("length(key) = 32", name=op.f("ck_sign_in_failure_key_length")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_sign_in_failure_counted")),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(
        op.f("ix_sign_in_failure_last_at"), "sign_in_failure", ["last_at"], unique=False
    )


def _approval() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('roster', 'export')", name=op.f("ck_approval_kind_known")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_approval_four_eyes")
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_approval_decided_has_time"),
        ),
        sa.CheckConstraint("reason <> '' AND asked_by <> ''", name=op.f("ck_approval_signed")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_approval_campaign_id")
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_approval_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_region"), "approval", ["region"], unique=False)
