"""Checks of the provisioning folder before Grafana reads it."""
