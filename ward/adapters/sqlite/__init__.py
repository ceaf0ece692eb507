"""Log and store in SQLite files."""
