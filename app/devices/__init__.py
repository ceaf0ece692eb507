"""Tries a message of a device on the bridge, without storing it."""
