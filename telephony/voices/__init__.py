"""Voices, one a file, and what stands before them: prompts read in by a person, kept sentences."""
