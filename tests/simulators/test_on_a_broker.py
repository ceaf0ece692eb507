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
                told = json.loads(payload)
                if "boot" in told:
                    self.taken.append((topic, told))
                    ack = json.dumps({"boot": told["boot"], "seq": told["seq"]}).encode()
                    self.connection.publish(topic.removesuffix("readings") + "ack", ack)


def until(condition: Callable[[], bool]) -> None:
    """Wait for the network, for at most ten seconds."""
    never = threading.Event()
    for _ in range(1000):
        if condition():
            return
        never.wait(0.01)
    raise AssertionError("it never came to be")


def test_a_trunk_counts_pubacks_and_hears_what_it_listens_to(url: str) -> None:
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


def test_a_trunk_without_room_says_so(url: str) -> None:
    connection = MqttGatewayConnection(url, "t2", room=5)
    connection.connect()
    until(lambda: connection.connected)
    connection._published += 5
    assert not connection.publish("x", b"1")
    connection.close()


def test_replay_publishes_a_recording_as_a_bed_and_says_how_it_went(url: str) -> None:
    with ThankingBridge(url) as bridge:
        told = CliRunner().invoke(replay, [WORSE, "--url", url, "--flat-out", "--ward", "icu", "--device", "mon-9"])
    assert told.exit_code == 0, told.output
    assert "72 of 72 samples replayed; 69 readings: 69 acknowledged, 0 not" in told.output
    assert {topic for topic, _ in bridge.taken} == {"ward/icu/mon-9/readings"}
    assert len({reading["seq"] for _, reading in bridge.taken}) == 69


def test_replay_with_nobody_to_thank_gives_up_and_fails(url: str) -> None:
    told = CliRunner().invoke(replay, [WORSE, "--url", url, "--flat-out", "--patience", "0.2"])
    assert told.exit_code == 1
    assert "0 acknowledged, 69 not" in told.output
    assert "is the bridge running?" in told.output


def test_fleet_loads_and_reports(url: str) -> None:
    with ThankingBridge(url):
        told = CliRunner().invoke(load_test, ["--url", url, "--devices", "20", "--rate", "10", "--seconds", "0.5"])
    assert told.exit_code == 0, told.output
    assert "acknowledged         100" in told.output


def test_a_fleet_nobody_thanks_fails_and_says_what_is_open(url: str) -> None:
    asked = ["--url", url, "--devices", "10", "--rate", "10", "--seconds", "0.2", "--patience", "0.2"]
    told = CliRunner().invoke(load_test, asked)
    assert told.exit_code == 1
    assert "unacknowledged        20" in told.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.csv"], "absent.csv: cannot be read"),
        ([WORSE, "--device", "<b>"], "are letters, digits"),
        ([WORSE, "--speed", "0"], "the speed must be more than 0"),
        ([WORSE, "--times", "recorded"], "has no times of its own"),
        ([WORSE, "--hold", "-1"], "--hold must be more than 0"),
    ],
)
def test_a_replay_that_cannot_be_is_refused_in_a_sentence(arguments: list[str], said: str) -> None:
    told = CliRunner().invoke(replay, arguments)
    assert told.exit_code == 1
    assert said in told.output
    assert "Traceback" not in told.output


def test_a_fleet_stays_on_this_machine() -> None:
    told = CliRunner().invoke(load_test, ["--url", "mqtt://broker.hospital:1883"])
    assert told.exit_code == 1
    assert "--remote" in told.output
