"""Scenes for the tests of the web."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.scene import Scene


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """An empty hospital for tests that only ask and change nothing."""
    made = Scene(tmp_path_factory.mktemp("quiet"))
    yield made
    made.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An empty hospital, followed."""
    made = Scene(tmp_path)
    yield made
    made.close()
