"""Sparkplug B: its payload by protobuf, and the session of an edge node."""
