"""By which way somebody was invited to go on elsewhere, and a result of calls that says so."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ADD = """
INSERT INTO disposition (name, place, label, code, aapor, delay, most, final, reports, skill)
SELECT 'by_link', '20', '改用微信、网页接着答', 'N12', '2.12', 4320, 4, :no, :no, ''
WHERE NOT EXISTS (SELECT 1 FROM disposition WHERE place = '20')
"""


def upgrade() -> None:
    """Keep invitations; calls that end with one rest for three days, unless 20 is taken."""
    op.create_table(
        "invitation",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "way IN ('wechat', 'sms', 'shown')", name=op.f("ck_invitation_way_known")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_invitation_attempt_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "way", name=op.f("pk_invitation")),
    )
    sent = sa.text("way <> 'shown'")
    op.create_index(
        "uq_invitation_sent",
        "invitation",
        ["attempt_id"],
        unique=True,
        sqlite_where=sent,
        postgresql_where=sent,
    )
    op.add_column("attempt", sa.Column("disposition", sa.String(), nullable=True))
    op.get_bind().execute(sa.text(_ADD), {"no": False})
