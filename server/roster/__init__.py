"""Rosters: who is to be interviewed, read from .xlsx and .csv files that nobody trusts."""
