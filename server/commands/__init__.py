"""The commands of ``tingwen``, one noun a file."""
