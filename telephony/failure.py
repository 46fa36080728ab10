"""What can go wrong on a line, each with a code and a sentence that says what to do."""

from survey_engine.worded import WordedError


class LineError(WordedError):
    """The line cannot go on; it is closed and its attempt gets an outcome."""


class CarrierError(WordedError):
    """The carrier refused or did not answer."""


class RecogniserError(WordedError):
    """The recogniser is not there or has died; the call goes on with keys."""


class VoiceError(WordedError):
    """A sentence cannot be spoken."""


class ModelError(WordedError):
    """A model is missing or damaged."""
