"""Checks a config directory, and shows the rules of one device."""
