"""The words people use, as data, and how they are read from their files."""
