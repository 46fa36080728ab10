"""The callers' desk: the next case by rules, the call, the interview, the outcome."""
