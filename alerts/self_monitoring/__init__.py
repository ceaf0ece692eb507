"""Alerts about Wardwatch itself: its programs, the channels, the config, the alerts' own state."""
