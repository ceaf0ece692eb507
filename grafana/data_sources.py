"""The data sources. Their uids never change: dashboards and rules refer to them."""

_TEXT = """\
# Made by `wardwatch grafana build`: do not edit. Grafana replaces ${...} from its own environment.
apiVersion: 1
datasources:
  - name: Wardwatch
    uid: wardwatch-influx
    type: influxdb
    access: proxy
    url: ${WARDWATCH_INFLUX_URL}
    # The API of InfluxDB 1.x, which 2.x has too: all versions understand InfluxQL.
    database: ${WARDWATCH_INFLUX_DATABASE}
    isDefault: true
    editable: false
    jsonData:
      dbName: ${WARDWATCH_INFLUX_DATABASE}
      version: InfluxQL
      httpMode: GET
      timeInterval: 5s
      # Seconds until a query has failed. Grafana ends an alert that was not evaluated for 90 s, and some versions do
      # not apply the time-out of evaluations: with the default of 30 s an alert is sent again only after 90 s.
      timeout: 8
      httpHeaderName1: Authorization
    secureJsonData:
      # A read-only token: whoever can open Grafana can send any query with it.
      httpHeaderValue1: Token ${WARDWATCH_GRAFANA_TOKEN}
  - name: Wardwatch alerts
    uid: wardwatch-alertmanager
    type: alertmanager
    access: proxy
    url: ${WARDWATCH_WEB_URL}
    editable: false
    jsonData:
      implementation: prometheus
      handleGrafanaManagedAlerts: false
"""


def data_sources() -> str:
    """The text of the provisioning file."""
    return _TEXT
