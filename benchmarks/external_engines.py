"""The real engines, started for one benchmark on free ports, and gone with their data afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.engines import install
from tests.engines.engine import Engine
from tests.engines.influx import Influx
from tests.engines.kafka import Kafka
from tests.engines.mosquitto import Mosquitto

E = TypeVar("E", bound=Engine)


class EngineMissing(Exception):
    """An engine is not installed on this machine."""


class MosquittoWithoutAutosave(Mosquitto):
    """Mosquitto that does not write its whole queue to disk every 1000 changes: a flood has hundreds of thousands."""

    autosave = 100_000_000


@contextmanager
def running(kind: type[E]) -> Iterator[E]:
    """A running engine. Raises `EngineMissing`."""
    program = {Influx: "influxd", Kafka: "java"}.get(kind, "mosquitto")
    if install.program(program) is None or (kind is Kafka and not install.kafka_jars()):
        raise EngineMissing(f"{kind.name} is not here: run python -m tests.engines.install")
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-", ignore_cleanup_errors=True) as folder:
        engine = kind(Path(folder) / kind.name)
        engine.start()
        try:
            yield engine
        finally:
            engine.kill()
