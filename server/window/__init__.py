"""The service window: somebody is at the counter, and a clerk leads them through the interview."""
