"""The alerts' state and outbox in one SQLite file."""
