"""One bench a log. Kafka's needs the engine; the others are Python alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.log.benches import Bench, KafkaBench, MemoryBench, SqliteBench
from ward.ports import Log

ALL = ["memory", "sqlite", pytest.param("kafka", marks=pytest.mark.engines)]
DURABLE = ALL[1:]


def make(kind: str, request: pytest.FixtureRequest, folder: Path) -> Bench:
    if kind == "memory":
        return MemoryBench()
    if kind == "sqlite":
        return SqliteBench(folder / "log.db")
    return KafkaBench(request.getfixturevalue("kafka").port, f"{folder.name}.")


@pytest.fixture(params=ALL)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = make(request.param, request, tmp_path)
    yield made
    made.close()


@pytest.fixture
def log(bench: Bench) -> Log:
    return bench.log
