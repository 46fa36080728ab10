"""The review desk: flagged answers, one at a time, decided by caseworkers."""
