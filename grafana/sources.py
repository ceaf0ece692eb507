"""The data sources. Their uids never change: dashboards and rules name them."""

_TEXT = """\
# Made by `wardwatch grafana build`: do not edit. Grafana takes what is in ${...} from its own environment.
apiVersion: 1
datasources:
  - name: Wardwatch
    uid: wardwatch-influx
    type: influxdb
    access: proxy
    url: ${WARDWATCH_INFLUX_URL}
    # The 1.x address of it, the 2.x and later too: InfluxQL is what all of them speak.
    database: ${WARDWATCH_INFLUX_DATABASE}
    isDefault: true
    editable: false
    jsonData:
      dbName: ${WARDWATCH_INFLUX_DATABASE}
      version: InfluxQL
      httpMode: GET
      timeInterval: 5s
      httpHeaderName1: Authorization
    secureJsonData:
      # A token that may read and nothing else: whoever sees the wall can ask what it asks.
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


def sources() -> str:
    """The provisioning file of both."""
    return _TEXT
