"""Data sources: InfluxDB, asked in InfluxQL, and our own alerts as an Alertmanager. Addresses and secrets are variables."""

from typing import Any

from grafana.alerting.ask import INFLUX
from grafana.alerting.variables import variable

ALERTMANAGER = "wardwatch-alertmanager"


def influx() -> dict[str, Any]:
    """As Grafana's file has it. The token goes as a header: InfluxDB 2.x wants that, and 1.x does not mind."""
    return _file(
        name="InfluxDB", type="influxdb", uid=INFLUX, url=variable("INFLUX_URL"), isDefault=True,
        database=variable("INFLUX_DATABASE"),
        jsonData={
            "version": "InfluxQL", "dbName": variable("INFLUX_DATABASE"), "httpMode": "GET", "timeInterval": "1s",
            "httpHeaderName1": "Authorization",
        },
        secureJsonData={"httpHeaderValue1": f"Token {variable('INFLUX_TOKEN')}"},
    )  # fmt: skip


def alertmanager() -> dict[str, Any]:
    """As Grafana's file has it. Grafana's own alerts come to us by the contact point, not by this."""
    return _file(
        name="Wardwatch alerts", type="alertmanager", uid=ALERTMANAGER, url=variable("API_URL"), isDefault=False,
        jsonData={"implementation": "prometheus", "handleGrafanaManagedAlerts": False},
    )  # fmt: skip


def _file(**source: Any) -> dict[str, Any]:
    return {"apiVersion": 1, "datasources": [{"orgId": 1, "access": "proxy", "editable": False, **source}]}
