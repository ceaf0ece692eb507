"""What all tests share: the engines, which tests need them, and how many examples a property test tries."""

import os
from pathlib import Path
from shutil import disk_usage

import pytest
from hypothesis import settings

from tests.engines.fixtures import authority, engines_folder, influx, kafka, mosquitto
from tests.kit.examples import examples

pytest_plugins = ["tests.kit.guarantees"]
__all__ = ["authority", "engines_folder", "influx", "kafka", "mosquitto"]

# A property test without a number of its own.
settings.register_profile("wardwatch", max_examples=examples(40, 200))
settings.load_profile("wardwatch")


# Folders of tests are in memory where there is room for them: tests write thousands of small files, delete them, and
# would wait for the disk longer than they compute. The engines keep their own data on the disk.
MEMORY = Path("/dev/shm")
ROOM = 4 << 30


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder of `tmp_path`. `--basetemp` and PYTEST_DEBUG_TEMPROOT come first."""
    if _fast(config) and MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and disk_usage(MEMORY).free >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: while a test waits for a server, a process or a reply, another one computes."""
    return (os.cpu_count() or 1) + 1


def _fast(config: pytest.Config) -> bool:
    """Whether no test needs an engine."""
    return os.environ.get("WARDWATCH_ENGINES") != "required" and config.getoption("-m").startswith("not engines")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs an engine, unless it was asked for: plain `make test` needs Python alone."""
    if os.environ.get("WARDWATCH_ENGINES") == "required" or config.getoption("-m"):
        return
    away = [item for item in items if item.get_closest_marker("engines")]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if not item.get_closest_marker("engines")]
