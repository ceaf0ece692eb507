"""A hospital for a test, with names of its own on engines that all tests share."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.engine import Engine
from tests.faults.hospital import Hospital, opened

_NUMBERS = itertools.count(1)


@pytest.fixture
def hospital(tmp_path: Path, mosquitto: Engine, kafka: Engine, influx: Engine) -> Iterator[Hospital]:
    """All programs running on real engines."""
    with opened(Hospital(tmp_path, mosquitto, kafka, influx, f"hospital{next(_NUMBERS)}")) as made:
        yield made
