"""Readings as arrays: waves with at most one value of each series."""
