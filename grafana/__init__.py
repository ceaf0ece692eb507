"""The dashboards of the ward, as code: `wardwatch grafana build` writes what Grafana provisions itself from."""
