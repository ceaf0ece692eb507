"""The filled InfluxDB, for whoever asks it."""

from tests.grafana.filled import filled

__all__ = ["filled"]
