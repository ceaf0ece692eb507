"""Scenes for the tests of the web."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.scene import Scene


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """An empty hospital, shared by the tests of a module that change nothing."""
    made = Scene(tmp_path_factory.mktemp("quiet"))
    yield made
    made.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An empty hospital."""
    made = Scene(tmp_path)
    yield made
    made.close()
