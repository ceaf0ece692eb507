"""The HTTP API: one router a file. Handlers answer from the read model, and query the store for history."""
