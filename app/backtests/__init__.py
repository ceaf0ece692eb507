"""Backtests: a config on the stored readings of a ward."""
