"""What an import did."""

from dataclasses import dataclass

from server.roster.rejection import Rejection
from server.roster.remark import Remark


@dataclass(frozen=True, slots=True)
class RosterReport:
    """The rows of one file: ``read`` is what was accepted and what was rejected together.

    ``unchanged`` counts those of the accepted rows that were in the campaign already, word for
    word; a file imported twice has them all.
    """

    read: int
    accepted: int
    unchanged: int
    rejected: tuple[Rejection, ...]
    remarks: tuple[Remark, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the report as it is written in JSON."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "rejected": [rejection.as_dict() for rejection in self.rejected],
            "warnings": [remark.as_dict() for remark in self.remarks],
        }
