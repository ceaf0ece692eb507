"""What all tests share: the engines, which tests need them, and how many examples a property test tries."""

import os

import pytest
from hypothesis import settings

from tests.engines.fixtures import authority, engines_folder, influx, kafka, mosquitto
from tests.kit.examples import examples

pytest_plugins = ["tests.kit.guarantees"]
__all__ = ["authority", "engines_folder", "influx", "kafka", "mosquitto"]

# A property test without a number of its own.
settings.register_profile("wardwatch", max_examples=examples(40, 200))
settings.load_profile("wardwatch")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs an engine, unless it was asked for: plain `make test` needs Python alone."""
    if os.environ.get("WARDWATCH_ENGINES") == "required" or config.getoption("-m"):
        return
    away = [item for item in items if item.get_closest_marker("engines")]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if not item.get_closest_marker("engines")]
