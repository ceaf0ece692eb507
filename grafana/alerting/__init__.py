"""Grafana's alerting, from our own config: `wardwatch grafana alerts` writes what Grafana provisions itself from."""
