"""Sends what is in the outbox, each channel in a process of its own."""
