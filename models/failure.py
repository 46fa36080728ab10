"""What can go wrong with records: one tree, each error with a code and one sentence."""

from typing import ClassVar


class RecordsError(Exception):
    """Something about stored records went wrong; the message says where, what and what next.

    Messages name ids, never a person, a number or words that somebody said.
    """

    code: ClassVar[str] = "records"


class KeyFileError(RecordsError):
    """The key file cannot be used as it is."""

    code = "key-file"


class SealError(RecordsError):
    """A ciphertext was changed, moved to another column, or belongs to a key that is gone."""

    code = "seal-broken"


class StorageFullError(RecordsError):
    """There is no room left for the database; nothing of the transaction was kept."""

    code = "storage-full"


class StorageBusyError(RecordsError):
    """Another writer held the database for too long; nothing of the transaction was kept."""

    code = "storage-busy"


class StorageUnavailableError(RecordsError):
    """The database cannot be reached or refuses to work."""

    code = "storage-unavailable"


class ConstraintError(RecordsError):
    """The database refused a row, because a constraint forbids it."""

    code = "constraint"


class DuplicateError(ConstraintError):
    """The database refused a row, because one with the same key exists."""

    code = "duplicate"


class ConflictError(RecordsError):
    """Somebody else wrote first; read again and repeat."""

    code = "conflict"


class KeyReusedError(RecordsError):
    """An inbound key came again with another body; the first message stands."""

    code = "inbound-key-reused"


class NotFoundError(RecordsError):
    """There is no such record."""

    code = "not-found"


class NotStartedError(RecordsError):
    """The assignment has no interview yet."""

    code = "not-started"


class TurnMismatchError(RecordsError):
    """A turn's interview is not what its events make of the interview that was loaded."""

    code = "turn-mismatch"


class FormMissingError(RecordsError):
    """The form of a stored interview is not at hand."""

    code = "form-missing"


class TaskTakenError(RecordsError):
    """Somebody else has claimed the task, or the claim has expired."""

    code = "task-taken"


class OwnEntryError(RecordsError):
    """Nobody decides what they entered themselves, nor twice about the same."""

    code = "own-entry"


class RulingOverError(RecordsError):
    """A ruling can no longer be withdrawn: it has taken effect, or was withdrawn before."""

    code = "ruling-over"


class TaskClosedError(RecordsError):
    """The task is no longer open."""

    code = "task-closed"


class VerdictRefusedError(RecordsError):
    """The interview does not take the verdict; nothing was kept."""

    code = "verdict-refused"


class RosterRefusedError(RecordsError):
    """A row of a roster cannot be kept, so none was."""

    code = "roster-refused"

    def __init__(self, message: str, row: int) -> None:
        self.row = row
        super().__init__(message)


class AttemptOpenError(RecordsError):
    """An attempt on this channel is still going on."""

    code = "attempt-open"


class TakenNameError(RecordsError):
    """Another record already has this name."""

    code = "taken-name"


class HistoryBrokenError(RecordsError):
    """The events of an interview do not tell what is kept of it."""

    code = "history-broken"


class UnwalledError(RecordsError):
    """A desk's statement would read people's records without the wall of who asks."""

    code = "unwalled"


class SittingEndedError(RecordsError):
    """Nobody is signed in under this cookie, or no longer."""

    code = "sitting-ended"


class RoleRefusedError(RecordsError):
    """An account cannot have, or change to, this role."""

    code = "role-refused"


class CallRefusedError(RecordsError):
    """Somebody is not to be called, or not now; ``reason`` names why."""

    code = "call-refused"

    def __init__(self, message: str, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


class CaseNotHeldError(RecordsError):
    """Somebody works on a case that they do not hold, or no longer."""

    code = "case-not-held"


class AppointmentRefusedError(RecordsError):
    """An appointment cannot be made at that time; ``reason`` names why."""

    code = "appointment-refused"

    def __init__(self, message: str, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


class ApprovalNeededError(RecordsError):
    """So many names at once need the leave of a second person."""

    code = "approval-needed"


class TooManyNamesError(RecordsError):
    """A list would hold more names than are ever given at once."""

    code = "too-many-names"
