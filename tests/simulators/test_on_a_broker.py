"""Simulated devices on the embedded MQTT broker, over real connections on loopback."""

import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner
from iotcore import Broker as EmbeddedBroker

from app.commands.load_test import load_test
from app.commands.replay import replay
from simulators.definition_files import HERE
from ward.adapters.mqtt.gateway_connection import MqttGatewayConnection

WORSE = str(HERE / "recordings" / "s25047-2704-05-04-10-44n.csv")


@pytest.fixture
def url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    broker = EmbeddedBroker(port=port, listen="127.0.0.1").start()
    yield f"mqtt://127.0.0.1:{port}"
    broker.stop()


class ThankingBridge:
    """Thanks for each numbered reading, as a bridge whose log is always quick."""

    def __init__(self, url: str) -> None:
        self.connection = MqttGatewayConnection(url, "bridge", ["ward/+/+/readings"])
        self.taken: list[tuple[str, dict[str, object]]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "ThankingBridge":
        self.connection.connect()
        until(lambda: self.connection.connected)
        # Connected is not yet subscribed: what comes back is the proof.
        probe = MqttGatewayConnection(self.connection._address, "probe")
        probe.connect()
        until(lambda: probe.connected)
        until(lambda: probe.publish("ward/x/probe/readings", b"{}") and bool(self.connection.receive()))
        probe.close()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.connection.close()

    def _run(self) -> None:
        while not self._over.wait(0.005):
            for topic, payload in self.connection.receive():
                result = json.loads(payload)
                if "boot" in result:
                    self.taken.append((topic, result))
                    ack = json.dumps({"boot": result["boot"], "seq": result["seq"]}).encode()
                    self.connection.publish(topic.removesuffix("readings") + "ack", ack)


def until(condition: Callable[[], bool]) -> None:
    """Wait for the network, for at most ten seconds."""
    never = threading.Event()
    for _ in range(1000):
        if condition():
            return
        never.wait(0.01)
    raise AssertionError("it never came to be")


def test_a_connection_counts_pubacks_and_receives_its_topics(url: str) -> None:
    connection = MqttGatewayConnection(url, "t1", ["ward/+/+/ack"])
    assert not connection.publish("x", b"1"), "not connected, nothing done"
    connection.connect()
    connection.connect()
    until(lambda: connection.connected)
    for i in range(50):
        assert connection.publish("loggers/a", b"%d" % i)
    until(lambda: connection.confirmed == 50)
    heard: list[tuple[str, bytes]] = []

    def echoed() -> bool:
        connection.publish("ward/icu/mon-1/ack", b"{}")
        heard.extend(connection.receive())
        return bool(heard)

    until(echoed)
    assert heard[0] == ("ward/icu/mon-1/ack", b"{}")
    connection.close()
    assert not connection.publish("x", b"1")


def test_a_full_connection_refuses_to_publish(url: str) -> None:
    connection = MqttGatewayConnection(url, "t2", room=5)
    connection.connect()
    until(lambda: connection.connected)
    connection._published += 5
    assert not connection.publish("x", b"1")
    connection.close()


def test_replay_publishes_a_recording_and_prints_the_counts(url: str) -> None:
    with ThankingBridge(url) as bridge:
        result = CliRunner().invoke(replay, [WORSE, "--url", url, "--flat-out", "--ward", "icu", "--device", "mon-9"])
    assert result.exit_code == 0, result.output
    assert "72 of 72 samples replayed; 69 readings: 69 acknowledged, 0 not" in result.output
    assert {topic for topic, _ in bridge.taken} == {"ward/icu/mon-9/readings"}
    assert len({reading["seq"] for _, reading in bridge.taken}) == 69


def test_replay_without_acknowledgements_fails(url: str) -> None:
    result = CliRunner().invoke(replay, [WORSE, "--url", url, "--flat-out", "--patience", "0.2"])
    assert result.exit_code == 1
    assert "0 acknowledged, 69 not" in result.output
    assert "is the bridge running?" in result.output


def test_load_test_prints_its_report(url: str) -> None:
    with ThankingBridge(url):
        result = CliRunner().invoke(load_test, ["--url", url, "--devices", "20", "--rate", "10", "--seconds", "0.5"])
    assert result.exit_code == 0, result.output
    assert "acknowledged         100" in result.output


def test_load_test_without_acknowledgements_fails_and_counts_them(url: str) -> None:
    asked = ["--url", url, "--devices", "10", "--rate", "10", "--seconds", "0.2", "--patience", "0.2"]
    result = CliRunner().invoke(load_test, asked)
    assert result.exit_code == 1
    assert "unacknowledged        20" in result.output


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["absent.csv"], "absent.csv: cannot be read"),
        ([WORSE, "--device", "<b>"], "are letters, digits"),
        ([WORSE, "--speed", "0"], "the speed must be more than 0"),
        ([WORSE, "--times", "recorded"], "has no times of its own"),
        ([WORSE, "--hold", "-1"], "--hold must be more than 0"),
    ],
)
def test_wrong_options_of_replay_are_refused_in_a_sentence(arguments: list[str], text: str) -> None:
    result = CliRunner().invoke(replay, arguments)
    assert result.exit_code == 1
    assert text in result.output
    assert "Traceback" not in result.output


def test_load_test_refuses_another_machine() -> None:
    result = CliRunner().invoke(load_test, ["--url", "mqtt://broker.hospital:1883"])
    assert result.exit_code == 1
    assert "--remote" in result.output
