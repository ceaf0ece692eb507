"""What all tests share: the engines, and which tests need them."""

import os

import pytest

from tests.engines.fixtures import authority, engines_folder, influx, kafka, mosquitto

__all__ = ["authority", "engines_folder", "influx", "kafka", "mosquitto"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs an engine, unless it was asked for: plain `make test` needs Python alone."""
    if os.environ.get("WARDWATCH_ENGINES") == "required" or config.getoption("-m"):
        return
    away = [item for item in items if item.get_closest_marker("engines")]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if not item.get_closest_marker("engines")]
