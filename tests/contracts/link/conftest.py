"""The same benches as the broker's: a link and a broker are two ends of one thing."""

from tests.contracts.broker.conftest import bench, iotcore, taker

__all__ = ["bench", "iotcore", "taker"]
