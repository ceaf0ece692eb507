"""The bridge is away while devices send: the broker keeps what they sent, and all of it is stored and evaluated."""

import json
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.publish
import pytest

from bridge.archive import Archive
from bridge.intake import Intake
from detectors.engine.engine import Engine as DetectorEngine
from tests.bridge.test_instants import CONFIG
from tests.engines.mosquitto import Mosquitto
from tests.kit.guarantees import Figure
from tests.kit.log_records import log_messages
from ward.adapters.memory.log import MemoryLog
from ward.adapters.mqtt.broker import MqttBroker
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, SystemClock, format_instant
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.reading import Reading
from ward.topics import READINGS
from ward.wire import READING_WIRE

pytestmark = pytest.mark.engines

COUNT, AWAY = 45, 20  # readings, and the seconds in which a device measures them
TOPIC = "ward/icu/m7/readings"


def untimed(n: int) -> dict[str, object]:
    return {}


def whole_seconds(n: int) -> dict[str, object]:
    """A time in whole seconds, without a number."""
    began = SystemClock().now() // SECOND * SECOND - AWAY * SECOND
    return {"at": format_instant(began + n * AWAY // COUNT * SECOND)}


@pytest.mark.guarantee("Readings that wait at the broker while the bridge is away are each stored and evaluated.")
@pytest.mark.parametrize("time", [untimed, whole_seconds], ids=lambda time: time.__name__)
def test_what_waited_at_mosquitto_is_stored_and_evaluated_whole(
    mosquitto: Mosquitto, tmp_path: Path, time: Callable[[int], dict[str, object]], figure: Figure
) -> None:
    log, live, clock, metrics = MemoryLog(), FixedConfig(CONFIG), SystemClock(), Metrics()

    def bridge() -> Intake:
        broker = MqttBroker(mosquitto.url, f"away-{time.__name__}", ["ward/+/+/readings"], metrics)
        return Intake(broker, log, live, clock, metrics)

    def readings() -> list[Reading]:
        return [r for r in log_messages(log, READINGS, READING_WIRE) if r.values["heart_rate"] >= 100]

    def subscribed() -> bool:
        """A reading has arrived: the broker keeps messages for the bridge from now on."""
        publish(mosquitto, [{"v": 1, "values": {"heart_rate": 60.0}}])
        return bool(log_messages(log, READINGS, READING_WIRE))

    first = bridge()
    steps(first, subscribed)
    first.close()
    publish(mosquitto, [{"v": 1, "values": {"heart_rate": 100.0 + n}, **time(n)} for n in range(COUNT)])
    second = bridge()
    steps(second, lambda: len(readings()) >= COUNT)
    second.close()
    store = SqliteStore(tmp_path / "store.db", clock)
    archive = Archive(log, store, live, clock, metrics)
    while archive.step(0):
        pass
    stored = [value for _, value in store.last("vitals", "heart_rate", {"device": "m7"}, 1000) if value >= 100]
    archive.close()
    store.close()
    assert sorted(stored) == [100.0 + n for n in range(COUNT)]
    assert DetectorEngine(CONFIG).evaluate(readings()).out_of_order == 0
    figure(f"{len(stored)} of {COUNT} readings stored and evaluated")


def publish(mosquitto: Mosquitto, payloads: list[dict[str, object]]) -> None:
    messages = [{"topic": TOPIC, "payload": json.dumps(payload), "qos": 1} for payload in payloads]
    paho.mqtt.publish.multiple(messages, hostname="127.0.0.1", port=mosquitto.port)  # type: ignore[arg-type]


def steps(intake: Intake, done: Callable[[], bool]) -> None:
    for _ in range(600):
        intake.step(0.05)
        if done():
            return
    raise AssertionError("the readings have not come")
