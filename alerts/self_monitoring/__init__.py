"""Alerts about Wardwatch itself: programs, channels, config."""
