"""Recognisers, one a file."""
