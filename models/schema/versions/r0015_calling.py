"""Who is to be called next, and what the results of calls lead to."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_REASONS = "'with_person', 'call_back', 'resume', 'retry', 'new'"
_COLUMNS = (
    "assignment_id, campaign_id, region, county, due_at, urgency, reason, morning, afternoon,"
    " evening, language, skill, appointment_for"
)
_DAY, _HOUR = 24 * 60, 60
#: name, two keys, label, code, AAPOR code, minutes until the next try, most tries, final, told
#: to the interview. Codes and AAPOR codes are the questionnaire's; the delays are queXS' and the
#: questionnaire's, and a county's to change.
_DISPOSITIONS = (
    ("no_answer", "11", "无人接听", "N15", "3.13", 3 * _HOUR, 5, False, False),
    ("busy", "12", "占线", "N15", "3.12", 30, 8, False, False),
    ("machine", "13", "语音信箱或秘书台", "N15", "3.14", 3 * _HOUR, 5, False, False),
    ("trouble", "14", "线路故障，没拨通", "N15", "3.16", 30, 8, False, False),
    ("dead_number", "15", "空号、停机", "N14", "4.31", 2 * _DAY, 3, False, False),
    ("wrong_number", "16", "打错了、号码换人", "N14", "4.31", 2 * _DAY, 2, False, False),
    ("later", "21", "这会儿没空，没约时间", "N12", "2.12", _DAY, 4, False, False),
    ("broken_off", "22", "中途断了", "N12", "2.12", _HOUR, 4, False, False),
    ("not_there", "23", "本人不在，家里人接的", "N12", "2.21", _DAY, 4, False, False),
    ("refused", "24", "拒访，不让再打", "N11", "2.11", 0, 1, True, True),
    ("taken_for_fraud", "25", "怀疑是诈骗", "N11b", "2.11", 0, 1, True, True),
    ("cannot_talk", "26", "没法沟通，也没人代答", "N13", "2.32", 0, 1, True, True),
    ("other_language", "27", "方言、手语不通，换人打", "N20", "2.33", _DAY, 4, False, False),
    ("in_hospital", "28", "住院，暂时接不了", "N10", "2.32", 14 * _DAY, 3, False, False),
    ("in_distress", "29", "求助或危机", "N22", "2.36", 0, 1, True, True),
    ("died", "31", "去世了", "N01", "2.31", 0, 1, True, True),
    ("only_registered", "32", "空挂户", "N02", "4.70", 0, 1, True, True),
    ("nobody_by_name", "33", "查无此人", "N03", "4.70", 0, 1, True, True),
    ("moved_away", "34", "户口迁走了", "N04", "4.10", 0, 1, True, True),
    ("other_district", "35", "不是本区户籍", "N05", "4.10", 0, 1, True, True),
    ("in_prison", "36", "服刑或羁押", "N16", "2.36", 0, 1, True, True),
    ("missing", "37", "失踪", "N18", "2.36", 0, 1, True, True),
    ("completed", "91", "答完了", "completed", "1.1", 0, 1, True, False),
)


def upgrade() -> None:
    """Make the queue of the callers' desk, and fill it with who is known already."""
    _calling()
    _indexes()
    _disposition()
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()
    op.execute(_FILL)


def _calling() -> None:
    op.create_table(
        "calling",
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("morning", sa.SmallInteger(), nullable=False),
        sa.Column("afternoon", sa.SmallInteger(), nullable=False),
        sa.Column("evening", sa.SmallInteger(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("appointment_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appointment_for", sa.String(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"reason IN ({_REASONS})", name=op.f("ck_calling_reason_known")),
        sa.CheckConstraint("urgency BETWEEN 0 AND 3", name=op.f("ck_calling_urgency_known")),
        sa.CheckConstraint(
            "morning >= 0 AND afternoon >= 0 AND evening >= 0", name=op.f("ck_calling_counted")
        ),
        sa.CheckConstraint(
            "county = substr(region, 1, 6)", name=op.f("ck_calling_county_of_region")
        ),
        sa.CheckConstraint(
            "(claimed_by IS NULL) = (claimed_until IS NULL)",
            name=op.f("ck_calling_claim_has_an_end"),
        ),
        sa.CheckConstraint(
            "claimed_by IS NULL OR claimed_by <> ''", name=op.f("ck_calling_claim_signed")
        ),
        sa.CheckConstraint(
            "appointment_at IS NOT NULL OR (appointment_for = '' AND remind_at IS NULL)",
            name=op.f("ck_calling_appointment_has_time"),
        ),
        sa.CheckConstraint(
            "remind_at IS NULL OR remind_at <= appointment_at",
            name=op.f("ck_calling_reminds_before"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_calling_assignment_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_calling_campaign_id")
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_calling_region")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_calling")),
    )


def _indexes() -> None:
    queued = "due_at IS NOT NULL AND appointment_at IS NULL"
    for band in ("morning", "afternoon", "evening"):
        _index(f"ix_calling_{band}", ["campaign_id", "county", "urgency", band, "due_at"], queued)
    _index("ix_calling_urgent", ["campaign_id", "urgency", "due_at"], f"{queued} AND urgency <= 1")
    booked = "appointment_at IS NOT NULL"
    _index("ix_calling_appointment", ["campaign_id", "appointment_at"], booked)
    _index("uq_calling_held", ["claimed_by"], "claimed_by IS NOT NULL", unique=True)
    _index(
        "uq_calling_appointment",
        ["appointment_for", "appointment_at"],
        f"{booked} AND appointment_for <> ''",
        unique=True,
    )


def _index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        "calling",
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _disposition() -> None:
    table = op.create_table(
        "disposition",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("aapor", sa.String(), nullable=False),
        sa.Column("delay", sa.Integer(), nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("reports", sa.Boolean(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.CheckConstraint("name <> '' AND label <> ''", name=op.f("ck_disposition_named")),
        sa.CheckConstraint("length(place) = 2", name=op.f("ck_disposition_two_keys")),
        sa.CheckConstraint("delay >= 0 AND most >= 0", name=op.f("ck_disposition_sane")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_disposition")),
        sa.UniqueConstraint("place", name=op.f("uq_disposition_place")),
    )
    names = ("name", "place", "label", "code", "aapor", "delay", "most", "final", "reports")
    rows = [{**dict(zip(names, one, strict=True)), "skill": ""} for one in _DISPOSITIONS]
    op.bulk_insert(table, rows)


def _queued(row: str) -> str:
    """Return the values with which a person enters the queue, without a try so far."""
    return f"""
SELECT {row}.id, {row}.campaign_id, {row}.region, substr({row}.region, 1, 6),
    CASE WHEN {row}.status IN ('completed', 'ended') THEN NULL
         WHEN {row}.status = 'waiting' THEN {row}.created_at ELSE {row}.updated_at END,
    CASE {row}.status WHEN 'with_person' THEN 0 WHEN 'waiting' THEN 3 ELSE 1 END,
    CASE {row}.status WHEN 'with_person' THEN 'with_person' WHEN 'waiting' THEN 'new'
         ELSE 'resume' END,
    0, 0, 0, '', '', ''"""


_FILL = (
    f"INSERT INTO calling ({_COLUMNS}) {_queued('assignment')}"
    " FROM assignment WHERE person_id IS NOT NULL"
)
_ENTER = f"INSERT INTO calling ({_COLUMNS}) {_queued('NEW')};"
_MOVE = (
    "UPDATE calling SET region = NEW.region, county = substr(NEW.region, 1, 6)"
    " WHERE assignment_id = NEW.id;"
)


def _on_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER assignment_called_insert AFTER INSERT ON assignment"
        f" WHEN NEW.person_id IS NOT NULL BEGIN {_ENTER} END"
    )
    op.execute(
        "CREATE TRIGGER assignment_called_move AFTER UPDATE OF region ON assignment"
        f" WHEN NEW.region <> OLD.region BEGIN {_MOVE} END"
    )
    op.execute(
        "CREATE TRIGGER assignment_called_delete BEFORE DELETE ON assignment"
        " BEGIN DELETE FROM calling WHERE assignment_id = OLD.id; END"
    )


def _on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION call_assignment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'INSERT' THEN IF NEW.person_id IS NOT NULL THEN {_ENTER} END IF;"
        f" ELSIF NEW.region <> OLD.region THEN {_MOVE} END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER assignment_called AFTER INSERT OR UPDATE OF region ON assignment"
        " FOR EACH ROW EXECUTE FUNCTION call_assignment()"
    )
    op.execute(
        "CREATE FUNCTION uncall_assignment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " DELETE FROM calling WHERE assignment_id = OLD.id; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER assignment_uncalled BEFORE DELETE ON assignment"
        " FOR EACH ROW EXECUTE FUNCTION uncall_assignment()"
    )
