"""What is kept: tables, unit of work, repositories and migrations."""
