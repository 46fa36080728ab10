"""The tables; importing this package makes all of them known to the metadata."""

from models.tables.audit import AuditRow, ChainHeadRow
from models.tables.bridge import BridgeLineRow, BridgeRow
from models.tables.call import IdentityMissRow, OptOutRow, PhoneCallRow, TalkingRow
from models.tables.calling import CallingRow, DispositionChangeRow, DispositionRow
from models.tables.campaign import CampaignRow, RegionRow
from models.tables.case import AssignmentRow, AttemptRow, PersonRow
from models.tables.interview import AnswerRow, ClipRow, EventRow, InterviewRow, RevisionRow
from models.tables.invitation import InvitationRow
from models.tables.message import InboundRow, OutboxRow
from models.tables.progress import ProgressRow, VisitRow
from models.tables.review import (
    FollowUpRow,
    GoldRow,
    NoteRow,
    ReviewTaskRow,
    RulingEndRow,
    RulingRow,
    VerdictRow,
)
from models.tables.staff import (
    ApprovalRow,
    PasskeyRow,
    RosterImportRow,
    SignInFailureRow,
    SittingRow,
    StaffRow,
    UncoveringRow,
)
from models.tables.wechat import (
    WechatContactRow,
    WechatMessageRow,
    WechatNonceRow,
    WechatTicketRow,
)
from models.tables.window import PhotoRow, SignedFormRow, SoundConsentRow, WindowSeatRow

#: Rows of these tables are written once; triggers refuse to change or delete them.
APPEND_ONLY = (
    "event", "revision", "verdict", "audit", "ruling", "ruling_end", "note", "disposition_change",
    "signed_form",
)  # fmt: skip

__all__ = [
    "APPEND_ONLY",
    "AnswerRow",
    "ApprovalRow",
    "AssignmentRow",
    "AttemptRow",
    "AuditRow",
    "BridgeLineRow",
    "BridgeRow",
    "CallingRow",
    "CampaignRow",
    "ChainHeadRow",
    "ClipRow",
    "DispositionChangeRow",
    "DispositionRow",
    "EventRow",
    "FollowUpRow",
    "GoldRow",
    "IdentityMissRow",
    "InboundRow",
    "InterviewRow",
    "InvitationRow",
    "NoteRow",
    "OptOutRow",
    "OutboxRow",
    "PasskeyRow",
    "PersonRow",
    "PhoneCallRow",
    "PhotoRow",
    "ProgressRow",
    "RegionRow",
    "ReviewTaskRow",
    "RevisionRow",
    "RosterImportRow",
    "RulingEndRow",
    "RulingRow",
    "SignInFailureRow",
    "SignedFormRow",
    "SittingRow",
    "SoundConsentRow",
    "StaffRow",
    "TalkingRow",
    "UncoveringRow",
    "VerdictRow",
    "VisitRow",
    "WechatContactRow",
    "WechatMessageRow",
    "WechatNonceRow",
    "WechatTicketRow",
    "WindowSeatRow",
]
