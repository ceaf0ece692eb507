"""A Docker engine, our images, and a ward that runs: made once, and removed whatever happens."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.docker import Docker
from tests.compose.images import build_all
from tests.compose.install import missing_packages
from tests.compose.project import Project


@pytest.fixture(scope="session")
def docker() -> Iterator[Docker]:
    """An engine; a skip where none can be had, a failure where one is required."""
    if os.environ.get("WARDWATCH_COMPOSE") != "required" and missing_packages():
        pytest.skip("no Docker here: make compose-test")
    engine = Docker()
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture(scope="session")
def images(docker: Docker) -> Iterator[list[str]]:
    """Our image and the stand-ins."""
    names = build_all(docker)
    yield names
    if not docker.ours:
        docker("image", "rm", "--force", *names)


@pytest.fixture(scope="session")
def ward(docker: Docker, images: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Everything up and healthy."""
    folder: Path = tmp_path_factory.mktemp("ward")
    project = Project(docker, folder)
    try:
        project.up()
        yield project
    finally:
        project.down()
