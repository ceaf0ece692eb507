"""Grafana's alerting, generated from the config: contact points, policies, mute timings, templates and rules."""
