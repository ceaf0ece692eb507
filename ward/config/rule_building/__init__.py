"""Builds rules from the validated files."""
