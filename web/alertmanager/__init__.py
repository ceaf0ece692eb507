"""The formats of Alertmanager's API v2 and of Grafana: alerts and silences out, and in."""
