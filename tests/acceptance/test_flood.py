"""A device ignores all acknowledgements and sends as fast as it can, beside another one: gate, broker, bridge, log."""

import json
import threading
from collections.abc import Callable, Iterator

import pytest
from iotcore import Broker as IotCore

from app.mqtt_gate.gate import MqttGate
from app.mqtt_gate.intake_window import MOST_UNITS, IntakeWindow, WindowedBroker
from benchmarks.messages import publish
from benchmarks.publisher import Publisher
from bridge.intake import Intake
from tests.bridge.test_intake import CONFIG
from tests.engines.engine import free_port
from tests.kit.log_records import log_messages
from ward.adapters.memory.log import MemoryLog
from ward.adapters.mqtt.broker import MqttBroker
from ward.clock import ManualClock, SystemClock
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.reading import Reading
from ward.topics import READINGS
from ward.wire import READING_WIRE

FLOOD = 2000  # readings
PATIENCE = 30.0


class FloodedWard:
    """The gate runs in a thread; the bridge receives when the test says so."""

    def __init__(self) -> None:
        self._iotcore = IotCore(port=free_port(), listen="127.0.0.1", max_payload_size=300_000).start()
        self.clock, self.log, self.port, window = ManualClock(), MemoryLog(1), free_port(), IntakeWindow()
        self._gate = MqttGate(self.port, self._iotcore.port, self.clock, window)
        filters = [rule.filter for rule in CONFIG.codecs]
        broker = MqttBroker(f"mqtt://127.0.0.1:{self._iotcore.port}", "bridge", filters, Metrics())
        self.intake = Intake(WindowedBroker(broker, window), self.log, FixedConfig(CONFIG), self.clock, Metrics())
        until = SystemClock().monotonic() + PATIENCE
        while broker.problem() and SystemClock().monotonic() < until:
            self.intake.step(0.05)
        self._devices: list[Publisher] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._gate.step(0.01)
            self.clock.advance(0.02)
        self._gate.close()

    def device(self, name: str) -> Publisher:
        self._devices.append(device := Publisher(self.port, name))
        return device

    def flood(self) -> threading.Thread:
        packets = [publish("ward/icu/m9/readings", n, payload(n)) for n in range(FLOOD)]
        thread = threading.Thread(target=self.device("m9").send, args=(packets,))
        thread.start()
        return thread

    def readings(self, count: int) -> list[Reading]:
        """All readings in the log, when there are `count`."""
        until = SystemClock().monotonic() + PATIENCE
        while len(found := log_messages(self.log, READINGS, READING_WIRE)) < count:
            assert SystemClock().monotonic() < until, f"{len(found)} of {count} readings are in the log"
            self.intake.step(0.05)
        return found

    def close(self) -> None:
        for device in self._devices:
            device.close()
        self._ended.set()
        self._thread.join()
        self.intake.close()
        self._iotcore.stop()


def payload(seq: int) -> bytes:
    return json.dumps({"v": 1, "boot": "k", "seq": seq, "values": {"heart_rate": 70}}).encode()


@pytest.fixture
def ward() -> Iterator[FloodedWard]:
    made = FloodedWard()
    yield made
    made.close()


@pytest.mark.guarantee("A device that sends as fast as it can delays no reading of another one, and loses none.")
def test_the_reading_of_another_device_is_in_the_log_before_most_of_a_flood(
    ward: FloodedWard, figure: Callable[[str], None]
) -> None:
    thread = ward.flood()
    ward.readings(MOST_UNITS)  # the flood has begun
    other = ward.device("m1")
    other.send([publish("ward/icu/m1/readings", 1, payload(1))])
    other.settle(1, PATIENCE)
    begun = len(ward.readings(0))
    found = ward.readings(FLOOD + 1)
    before = next(n for n, reading in enumerate(found[begun:]) if reading.device == "m1")
    assert before < 2 * MOST_UNITS
    assert [reading.seq for reading in found if reading.device == "m9"] == list(range(FLOOD))
    thread.join()
    figure(f"{before} of {FLOOD:,} readings of the flood before it")
