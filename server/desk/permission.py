"""What may be done at the desks, and which role may do it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Permission(StrEnum):
    """One thing that somebody may be allowed to do."""

    OWN = "own"  #: one's own account: password, second factor, signing out
    REVIEW = "review"  #: decide flagged answers
    QUALITY = "quality"  #: see how well every reviewer works, and choose gold tasks
    CALL = "call"  #: call people and lead interviews
    WINDOW = "window"  #: serve people at the counter
    PROGRESS = "progress"  #: see counts by region, of which nobody can be recognised
    ROSTER = "roster"  #: see and import who is to be interviewed
    CAMPAIGN = "campaign"  #: create, open and close campaigns
    SHOW = "show"  #: uncover one person's name and numbers, with a reason
    EXPORT = "export"  #: take many names at once, which a second person must approve
    APPROVE = "approve"  #: be that second person
    SAMPLE = "sample"  #: read an anonymous sample
    ADMIN = "admin"  #: enter the administrators' desk; each finds only their own part
    SYSTEM = "system"  #: see how the service runs
    STAFF = "staff"  #: add, change and end accounts
    AUDIT = "audit"  #: read and verify the audit log


_P = Permission
_ROLES: Final[Mapping[str, frozenset[Permission]]] = MappingProxyType(
    {
        "caller": frozenset({_P.OWN, _P.CALL, _P.SHOW}),
        "caseworker": frozenset({_P.OWN, _P.REVIEW, _P.SHOW}),
        "clerk": frozenset({_P.OWN, _P.WINDOW, _P.SHOW}),
        "supervisor": frozenset(
            {
                _P.OWN, _P.REVIEW, _P.QUALITY, _P.PROGRESS, _P.ROSTER, _P.CAMPAIGN, _P.SHOW,
                _P.EXPORT, _P.APPROVE,
            }
        ),
        "evaluator": frozenset({_P.OWN, _P.PROGRESS, _P.SAMPLE}),
        "system_admin": frozenset({_P.OWN, _P.ADMIN, _P.SYSTEM}),
        "security_admin": frozenset({_P.OWN, _P.ADMIN, _P.STAFF}),
        "audit_admin": frozenset({_P.OWN, _P.ADMIN, _P.AUDIT}),
    }
)  # fmt: skip

#: Roles as they are called on screens.
ROLE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "caller": "话务员",
        "caseworker": "审核员",
        "clerk": "窗口工作人员",
        "supervisor": "督导员",
        "evaluator": "评估员",
        "system_admin": "系统管理员",
        "security_admin": "安全管理员",
        "audit_admin": "审计管理员",
    }
)


def may(role: str, permission: Permission) -> bool:
    """Whether ``role`` has ``permission``; an unknown role has none."""
    return permission in _ROLES.get(role, frozenset())


def holders(permission: Permission) -> frozenset[str]:
    """Return the roles that have ``permission``."""
    return frozenset(role for role, having in _ROLES.items() if permission in having)
