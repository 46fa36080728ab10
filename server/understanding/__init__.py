"""The commands ``tingwen understand`` and ``tingwen evaluate``."""
