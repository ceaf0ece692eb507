"""The fixture `filled`: an InfluxDB with a simulated week."""

from tests.grafana.filled_influxdb import filled

__all__ = ["filled"]
