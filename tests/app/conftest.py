"""What tests of the commands share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.live_ward import LiveWard


@pytest.fixture
def running(tmp_path: Path) -> Iterator[LiveWard]:
    """A running Wardwatch."""
    with LiveWard(tmp_path) as ward:
        yield ward
