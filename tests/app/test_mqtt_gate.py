"""The door of the embedded broker: MQTT 3.1.1 passes, other versions get an answer and a line in the log."""

import logging
import selectors
import socket
import threading
from collections.abc import Iterator

import pytest
from iotcore import Broker as IotCore
from paho.mqtt.client import Client, MQTTv5, MQTTv31, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from app.mqtt_gate.gate import CONNECT_WITHIN, MqttGate
from app.mqtt_gate.intake_window import IntakeWindow
from tests.engines.engine import free_port
from ward.clock import ManualClock

PATIENCE = 10.0  # seconds


class Door:
    """A gate in a thread, before an embedded broker."""

    def __init__(self) -> None:
        self.port, self.clock = free_port(), ManualClock()
        self.broker = IotCore(port=free_port(), listen="127.0.0.1", max_payload_size=300_000).start()
        self.gate = MqttGate(self.port, self.broker.port, self.clock, IntakeWindow())
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            self.gate.step(0.02)
            self.clock.advance(0.1)
        self.gate.close()

    def client(self, name: str, version: MQTTProtocolVersion = MQTTv311) -> Client:
        return Client(CallbackAPIVersion.VERSION2, name, protocol=version)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self.broker.stop()


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


@pytest.mark.guarantee("A client that speaks another version of MQTT than the embedded broker is refused and logged.")
@pytest.mark.parametrize(
    ("version", "code", "name"),
    [(MQTTv5, "Unsupported protocol version", "MQTT 5"), (MQTTv31, "Unsupported protocol version", "MQTT 3.1")],
)
def test_another_version_is_refused_by_code_and_logged(
    door: Door, version: MQTTProtocolVersion, code: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    door.clock.advance(100)
    answers: list[str] = []
    client = door.client("other", version)
    client.on_connect = lambda *args: answers.append(str(args[3]))
    with caplog.at_level(logging.WARNING, "app.mqtt_gate.gate"):
        client.connect("127.0.0.1", door.port)
        for _ in range(100):
            if answers or client.loop(0.1):
                break
    assert answers == [code]
    (record,) = caplog.records
    assert f"it speaks {name}, and the embedded broker MQTT 3.1.1 only" in record.getMessage()


def test_what_is_no_mqtt_is_closed(door: Door) -> None:
    with socket.create_connection(("127.0.0.1", door.port)) as sock:
        sock.settimeout(PATIENCE)
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert sock.recv(100) == b""


def test_a_connection_that_says_nothing_is_closed_after_a_while(door: Door) -> None:
    with socket.create_connection(("127.0.0.1", door.port)) as sock:
        sock.settimeout(0.1)
        sock.sendall(b"\x10")
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.settimeout(PATIENCE)
        door.clock.advance(CONNECT_WITHIN + 1)
        assert sock.recv(1) == b""


def test_version_3_1_1_passes_in_both_directions_and_a_lost_client_has_its_will(door: Door) -> None:
    received: dict[str, bytes] = {}
    whole, lost = threading.Event(), threading.Event()
    reader = door.client("reader")

    def on_message(_: Client, __: object, message: object) -> None:
        topic, payload = message.topic, message.payload  # type: ignore[attr-defined]
        received[topic] = payload
        (lost if topic == "status" else whole if topic == "big/3" else threading.Event()).set()

    subscribed = threading.Event()
    reader.on_message = on_message
    reader.on_subscribe = lambda *_: subscribed.set()
    reader.on_connect = lambda client, *_: client.subscribe("#", 1)
    reader.connect("127.0.0.1", door.port)
    reader.loop_start()
    assert subscribed.wait(PATIENCE)
    writer = door.client("writer")
    writer.will_set("status", b"offline", 1)
    writer.connect("127.0.0.1", door.port)
    writer.loop_start()
    for n in range(4):
        writer.publish(f"big/{n}", bytes([n]) * 200_000, 1)
    assert whole.wait(PATIENCE)
    assert {topic: len(payload) for topic, payload in received.items()} == {f"big/{n}": 200_000 for n in range(4)}
    sock = writer.socket()
    assert sock is not None
    writer.loop_stop()
    sock.close()
    assert lost.wait(PATIENCE)
    reader.disconnect()
    reader.loop_stop()


def test_after_a_connection_that_cannot_be_accepted_there_is_a_pause(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With too many open files the next look fails too: it filled the log with 90,000 lines a second."""
    clock, port = ManualClock(), free_port()
    gate = MqttGate(port, free_port(), clock, IntakeWindow())
    listener = gate._listener

    class Full:
        fileno = listener.fileno
        close = listener.close

        def accept(self) -> None:
            raise OSError(24, "Too many open files")

    monkeypatch.setattr(gate, "_listener", Full())
    gate._selector.unregister(listener)
    gate._selector.register(gate._listener, selectors.EVENT_READ, None)
    with socket.create_connection(("127.0.0.1", port)):
        for _ in range(5):
            gate.step(0.01)
        assert len(caplog.messages) == 1
        clock.advance(2)
        gate.step(0.01)
        assert len(caplog.messages) == 2
    gate.close()
