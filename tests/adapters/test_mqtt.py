"""The MQTT adapter: addresses, secrets, faulty brokers, lost sessions, reconnection."""

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulators.device_client.mqtt_connection import MqttDeviceConnection
from tests.engines.engine import free_port
from tests.engines.install import program
from tests.engines.mosquitto import Mosquitto
from ward.adapters.mqtt.address import MqttAddress
from ward.adapters.mqtt.broker import MqttBroker
from ward.clock import ManualClock
from ward.errors import SettingsError
from ward.metrics import Metrics
from ward.ports import Broker, Message
from ward.topics import DeviceTopics

TURNS = 400


def until(broker: Broker, done: Callable[[], bool], clock: ManualClock | None = None) -> None:
    """Let a broker work until a condition is true; messages it receives meanwhile are acknowledged and discarded."""
    for _ in range(TURNS):
        if done():
            return
        if clock is not None and broker.problem():
            clock.advance(1)
        broker.acknowledge(broker.receive(100, 0.05))
    raise AssertionError(f"the condition stayed false; the broker's problem: {broker.problem()!r}")


def test_an_address_without_a_port_has_the_default_port() -> None:
    assert (MqttAddress.of("mqtt://broker").port, MqttAddress.of("mqtts://broker").port) == (1883, 8883)
    assert str(MqttAddress.of("mqtt://10.0.0.1:1234/")) == "10.0.0.1:1234"


def test_a_separate_password_is_used_and_no_text_contains_one() -> None:
    address = MqttAddress.of("mqtts://bridge:in%2Furl@broker?ca=/etc/ca.pem", password=None)
    assert (address.user, address.password, address.ca, address.tls) == ("bridge", "in/url", "/etc/ca.pem", True)
    apart = MqttAddress.of("mqtt://bridge:in-url@broker", password="apart")
    assert apart.password == "apart"
    assert "in/url" not in f"{address!r}{address}"


@pytest.mark.parametrize(
    "url", ["", "mqtt://", "http://broker", "mqtt://broker:99999", "mqtt://broker?insecure=1", "mqtt://b/topic"]
)
def test_an_invalid_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="MQTT broker"):
        MqttAddress.of(url)


def test_an_unreadable_certificate_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="certificates"):
        MqttBroker(f"mqtts://broker?ca={tmp_path}/missing.pem", "b", ["t/#"], Metrics())


class FaultyBroker:
    """A server that accepts MQTT clients and then sends any bytes."""

    def __init__(self, *packets: bytes) -> None:
        self._packets = list(packets)
        self.clients = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self.url = f"mqtt://127.0.0.1:{self._server.getsockname()[1]}"
        self._ended = False
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended = True
        self._thread.join()
        for sock in self._open:
            sock.close()
        self._server.close()

    def _run(self) -> None:
        while not self._ended:
            try:
                sock, _ = self._server.accept()
            except TimeoutError:
                continue
            self._open.append(sock)
            sock.settimeout(5)
            sock.recv(1000)
            sock.sendall(b"\x20\x02\x00\x00" + self._packets[min(self.clients, len(self._packets) - 1)])
            self.clients += 1

    def heard(self) -> bytes:
        """The bytes received on the newest connection."""
        self._open[-1].settimeout(0.2)
        try:
            return self._open[-1].recv(10_000)
        except TimeoutError:
            return b""

    def cut(self) -> None:
        self._open[-1].shutdown(socket.SHUT_RDWR)


@pytest.fixture
def faulty(request: pytest.FixtureRequest) -> Iterator[FaultyBroker]:
    made = FaultyBroker(*request.param)
    yield made
    made.close()


GARBAGE = [
    b"\xff\xff\xff\xff\xff\xff",  # a length without end
    b"\x32\x03\x00\x09t",  # a topic longer than its packet
    b"\x30\x04\x00\x02\xff\xfe",  # a topic that is no text
    b"\x36\x05\x00\x01t\x00\x01",  # quality of service 3
    b"\x00\x00" * 10,
    b"\x90\x00",  # a grant of nothing
]
GOOD = b"\x32\x06\x00\x01t\x00\x07x"  # topic t, packet 7, payload x
PUBACK = b"\x40\x02\x00\x07"


@pytest.mark.parametrize("faulty", [(garbage, GOOD) for garbage in GARBAGE], indirect=True)
def test_no_packet_of_a_broker_ends_the_adapter(faulty: FaultyBroker) -> None:
    """After any garbage the next good message is received, on this connection or on the next."""
    clock = ManualClock()
    broker = MqttBroker(faulty.url, "b", ["t"], Metrics(), clock)
    found: list[bytes] = []
    for _ in range(TURNS):
        if b"x" in found:
            break
        found += [m.payload for m in broker.receive(10, 0.05) if m.topic == "t"]
        clock.advance(2)  # no echo comes back: the session is given up, and the next one works
    assert b"x" in found
    broker.close()


def taken(broker: Broker) -> list[Message]:
    for _ in range(TURNS):
        if found := broker.receive(10, 0.05):
            return found
    raise AssertionError("nothing came")


@pytest.mark.parametrize("faulty", [(GOOD, GOOD)], indirect=True)
def test_an_acknowledgement_of_an_earlier_connection_is_not_sent_for_a_packet_with_the_same_id(
    faulty: FaultyBroker,
) -> None:
    clock = ManualClock()
    broker = MqttBroker(faulty.url, "b", ["t"], Metrics(), clock)
    old = taken(broker)
    faulty.cut()
    new: list[Message] = []
    for _ in range(TURNS):
        if new:
            break
        clock.advance(1 if broker.problem() else 0)
        new = broker.receive(10, 0.05)
    assert [m.payload for m in new] == [b"x"]
    broker.acknowledge(old)
    assert PUBACK not in faulty.heard()
    broker.acknowledge(new)
    assert PUBACK in faulty.heard()
    broker.close()


@pytest.mark.parametrize("faulty", [(GOOD,)], indirect=True)
def test_a_puback_is_sent_at_once_after_acknowledge_and_not_before(faulty: FaultyBroker) -> None:
    broker = MqttBroker(faulty.url, "b", ["t"], Metrics(), ManualClock())
    found = taken(broker)
    assert PUBACK not in faulty.heard()
    broker.acknowledge(found)
    assert PUBACK in faulty.heard()
    broker.close()


@pytest.mark.parametrize("faulty", [(b"",)], indirect=True)
def test_a_broker_that_sends_nothing_after_connack_is_given_up_within_ten_seconds(faulty: FaultyBroker) -> None:
    clock, metrics = ManualClock(), Metrics()
    broker = MqttBroker(faulty.url, "b", ["t"], metrics, clock)
    until(broker, lambda: broker.problem() == "")
    clock.advance(9)
    until(broker, lambda: "nothing was received" in broker.problem())
    assert metrics.samples()["wardwatch_broker_up"] == 0
    until(broker, lambda: faulty.clients >= 2, clock)
    broker.close()


def test_a_missing_broker_is_logged_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    broker = MqttBroker(f"mqtt://127.0.0.1:{free_port()}", "b", ["t"], Metrics(), clock)
    until(broker, lambda: "refused" in broker.problem())
    for _ in range(20):
        clock.advance(5)
        assert broker.receive(10, 0.02) == []
    broker.publish("t", b"dropped")
    broker.acknowledge([])
    broker.close()
    assert len(caplog.records) == 1, "the same problem is logged once"


def test_a_keeper_thread_that_has_ended_is_started_again() -> None:
    clock = ManualClock()
    broker = MqttBroker(f"mqtt://127.0.0.1:{free_port()}", "b", ["t"], Metrics(), clock)
    until(broker, lambda: "refused" in broker.problem())
    broker._ended.set()
    broker._keeper.join()
    broker._ended.clear()
    assert not broker._keeper.is_alive()
    broker.receive(1, 0)
    assert broker._keeper.is_alive()
    broker.close()


@pytest.mark.engines
def test_a_session_that_the_broker_has_lost_is_counted(tmp_path: Path) -> None:
    """Mosquitto is killed and its data deleted: the bridge reports it and continues."""
    mosquitto = Mosquitto(tmp_path / "broker")
    mosquitto.start()
    clock, metrics = ManualClock(), Metrics()
    broker = MqttBroker(mosquitto.url, "b", ["t/#"], metrics, clock)
    until(broker, lambda: broker.problem() == "")
    assert metrics.samples().get("wardwatch_broker_sessions_lost_total", 0) == 0
    mosquitto.kill()
    until(broker, lambda: broker.problem() != "")
    (tmp_path / "broker" / "mosquitto.db").unlink(missing_ok=True)
    mosquitto.start()
    until(broker, lambda: broker.problem() == "", clock)
    assert metrics.samples()["wardwatch_broker_sessions_lost_total"] == 1
    assert metrics.samples()["wardwatch_broker_reconnects_total"] == 1
    broker.close()
    mosquitto.end()


@pytest.mark.engines
def test_a_broker_that_hangs_is_detected_and_its_session_continues(tmp_path: Path) -> None:
    mosquitto = Mosquitto(tmp_path / "broker")
    mosquitto.start()
    clock, metrics = ManualClock(), Metrics()
    broker = MqttBroker(mosquitto.url, "b", ["t/#"], metrics, clock)
    until(broker, lambda: broker.problem() == "")
    mosquitto.freeze()
    clock.advance(9)
    until(broker, lambda: "nothing was received" in broker.problem())
    mosquitto.thaw()
    until(broker, lambda: broker.problem() == "", clock)
    assert metrics.samples().get("wardwatch_broker_sessions_lost_total", 0) == 0
    broker.close()
    mosquitto.end()


class LockedMosquitto(Mosquitto):
    """A Mosquitto with users and passwords."""

    anonymous = "false"

    def more(self) -> str:
        command = [program("mosquitto_passwd") or "", "-b", "-c", str(self.folder / "passwords"), "bridge", "s3cret"]
        subprocess.run(command, check=True, capture_output=True)
        return f"password_file {self.folder}/passwords\n{super().more()}"


@pytest.mark.engines
def test_a_broker_with_passwords_accepts_the_right_one_only(tmp_path: Path) -> None:
    mosquitto = LockedMosquitto(tmp_path / "broker")
    mosquitto.start()
    address = mosquitto.url.replace("mqtt://", "mqtt://bridge@")
    refused = MqttBroker(MqttAddress.of(address, "wrong"), "b", ["t"], Metrics())
    until(refused, lambda: "refused the connection: Not authorized" in refused.problem())
    assert "wrong" not in refused.problem()
    refused.close()
    welcome = MqttBroker(MqttAddress.of(address, "s3cret"), "b", ["t"], Metrics())
    until(welcome, lambda: welcome.problem() == "")
    welcome.close()
    mosquitto.end()


class SecretMosquitto(Mosquitto):
    """A Mosquitto with TLS only."""

    def __init__(self, folder: Path, authority: Path) -> None:
        self._authority = authority
        super().__init__(folder)

    def more(self) -> str:
        return f"certfile {self._authority}/server.crt\nkeyfile {self._authority}/server.key\n{super().more()}"


@pytest.mark.engines
def test_the_broker_s_certificate_is_verified_by_the_given_authority(tmp_path: Path, authority: Path) -> None:
    mosquitto = SecretMosquitto(tmp_path / "broker", authority)
    mosquitto.start()
    port = mosquitto.port
    for host, ca in (("localhost", "other-ca.crt"), ("127.0.0.2", "ca.crt")):  # another signer; another name
        broker = MqttBroker(f"mqtts://{host}:{port}?ca={authority}/{ca}", "b", ["t"], Metrics())
        until(broker, lambda broker=broker: broker.problem() not in ("", "not connected yet"))  # type: ignore[misc]
        assert "certificate verify failed" in broker.problem() or "refused" in broker.problem()
        broker.close()
    url = f"mqtts://localhost:{port}?ca={authority}/ca.crt"
    good = MqttBroker(url, "b", ["t/+/+/readings"], Metrics())
    until(good, lambda: good.problem() == "")
    topics = DeviceTopics("t", "icu", "m7")
    link = MqttDeviceConnection(url, topics)
    link.connect()
    until(good, lambda: link.connected)
    sent = [b"x" * 50_000, *(b"%d" % n for n in range(500))]
    for payload in sent:
        link.publish(topics.readings, payload)
    found: list[bytes] = []
    for _ in range(TURNS):
        if len(found) >= len(sent):
            break
        came = good.receive(1000, 0.05)
        good.acknowledge(came)
        found += [m.payload for m in came]
    assert found == sent
    link.close()
    good.close()
    mosquitto.end()


class KeptByTest(MqttBroker):
    """Its keeper runs in the test, for a few rounds; `pauses` are those between them."""

    def _start_keeper(self) -> threading.Thread:
        return threading.Thread()

    def pauses(self, rounds: int) -> list[float]:
        found: list[float] = []

        def wait(pause: float) -> bool:
            found.append(pause)
            return len(found) > rounds

        self._ended.wait = wait  # type: ignore[method-assign, assignment]
        self._keep()
        self._wakeup.close()
        return found


def test_while_it_may_not_connect_it_asks_again_after_a_pause() -> None:
    answers = [False] * 3
    broker = KeptByTest("mqtt://broker", "b", ["t/#"], Metrics(), may_connect=answers.pop)
    first, *later = broker.pauses(3)
    assert (first, answers) == (0.0, [])
    assert min(later) > 0
