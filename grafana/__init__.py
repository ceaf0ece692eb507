"""Dashboards and alert rules as code: `wardwatch grafana` writes the files that Grafana is provisioned from."""
