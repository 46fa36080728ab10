"""The Rasa project of this release: its training data, and its process in its own environment."""
