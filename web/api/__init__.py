"""The HTTP API: one router a file. Handlers answer from the picture, and ask the store where it is history."""
