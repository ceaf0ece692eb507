"""Decodes a message of a device as the bridge does, without storing it."""
