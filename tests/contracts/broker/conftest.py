"""One bench a broker. The embedded broker is a wheel: Python alone. Mosquitto is an engine."""

from collections.abc import Iterator

import pytest
from iotcore import Broker as IotCore

from tests.contracts.broker.benches import Bench, MemoryBench, MqttBench, Taker
from tests.engines.engine import free_port

ALL = ["memory", "iotcore", pytest.param("mosquitto", marks=pytest.mark.engines)]


@pytest.fixture(scope="session")
def iotcore() -> Iterator[int]:
    """The port of a running embedded broker."""
    broker = IotCore(port=free_port(), listen="127.0.0.1", max_payload_size=300_000).start()
    yield broker.port
    broker.stop()


@pytest.fixture(params=ALL)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "memory":
        made: Bench = MemoryBench()
    elif request.param == "iotcore":
        made = MqttBench(request.getfixturevalue("iotcore"), window=100, marks_redelivered=False)
    else:
        made = MqttBench(request.getfixturevalue("mosquitto").port, window=2000)
    yield made
    made.close()


@pytest.fixture
def taker(bench: Bench) -> Taker:
    return Taker(bench)
