"""Log, store, alerts and outbox in files of SQLite."""
