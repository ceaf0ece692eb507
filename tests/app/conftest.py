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


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a store with fifty minutes of three beds, which another process would be writing."""
    from tests.app.past_ward import write

    path = tmp_path_factory.mktemp("past") / "store.db"
    store = write(path)
    yield f"sqlite:{path}"
    store.close()
