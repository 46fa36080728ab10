"""What a command says when it cannot do what was asked."""


class CommandFailedError(Exception):
    """A command failed; the message is one sentence: where, what, and what to do next."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        self.exit_code = exit_code
        super().__init__(message)
