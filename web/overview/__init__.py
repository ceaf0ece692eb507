"""Writes what the screens show into the store, for the Grafana dashboard *Ward overview*."""
