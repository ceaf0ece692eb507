"""No device that sends fast delays the readings of others: the gate before the embedded broker reads it more slowly."""

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import pytest

from app.mqtt_gate.allowance import ALWAYS, MOST, MOST_TOPICS, Allowance
from app.mqtt_gate.gate import MqttGate
from app.mqtt_gate.intake_window import LOST_AFTER, MOST_UNITS, IntakeWindow, WindowedBroker, units
from app.mqtt_gate.packets import MalformedPacket, Publish, PublishScanner
from tests.engines.engine import free_port
from ward.adapters.memory.broker import MemoryBroker
from ward.clock import ManualClock

CONNECT = bytes.fromhex("100c00044d5154540402003c0000")
MOST_OPEN = 6  # connections of the gate of these tests
FLOOD, OTHER = "ward/icu/m9/readings", "ward/icu/m1/readings"


def publish(topic: str, payload: bytes = b"x" * 120, qos: int = 1) -> bytes:
    body = struct.pack(">H", len(topic)) + topic.encode() + b"\x00\x07" * bool(qos) + payload
    length, more = b"", len(body)
    while more or not length:
        more, low = divmod(more, 128)
        length += bytes([low | 0x80 * bool(more)])
    return bytes([0x30 | qos << 1]) + length + body


class Gate:
    """A gate before a socket that stands for the broker. The bridge receives what `receive` says."""

    def __init__(self) -> None:
        self.clock, self.window, self.port = ManualClock(), IntakeWindow(), free_port()
        self._broker = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.gate = MqttGate(self.port, self._broker.getsockname()[1], self.clock, self.window, MOST_OPEN)
        self._accepted: list[tuple[socket.socket, PublishScanner]] = []
        self._devices: list[socket.socket] = []
        self.passed: list[str] = []

    def client(self) -> socket.socket:
        """A device that the broker has not accepted."""
        made = socket.create_connection(("127.0.0.1", self.port))
        self._devices.append(made)
        made.sendall(CONNECT)
        self.step()
        return made

    def device(self) -> socket.socket:
        made = self.client()
        sock, _ = self._broker.accept()
        sock.setblocking(False)
        self._accepted.append((sock, PublishScanner(300_000)))
        return made

    def broker_side(self) -> socket.socket:
        """The broker's side of the newest connection; what comes there is no longer in `passed`."""
        sock, _ = self._accepted.pop()
        self._devices.append(sock)
        return sock

    def step(self, seconds: float = 0.0) -> None:
        """Steps until there is nothing to do, `seconds` later."""
        self.clock.advance(seconds)
        for _ in range(20):
            self.gate.step(0.0)
            for sock, scanner in self._accepted:
                try:
                    found = scanner.feed(sock.recv(1_000_000))
                except BlockingIOError:
                    continue
                self.passed += [publish.topic.decode() for publish in found]

    def close(self) -> None:
        self.gate.close()
        for sock in (self._broker, *self._devices, *(sock for sock, _ in self._accepted)):
            sock.close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.close()


def test_what_a_bridge_that_is_behind_has_not_received_holds_back_the_fast_sender_only(gate: Gate) -> None:
    fast, other = gate.device(), gate.device()
    fast.sendall(publish(FLOOD) * 1000)
    for _ in range(100):
        gate.step(0.1)
    waits = gate.passed.count(FLOOD)
    assert MOST_UNITS <= waits < 1000
    other.sendall(publish(OTHER))
    gate.step()
    assert gate.passed[-1] == OTHER


def test_nothing_of_a_fast_sender_is_lost_and_its_order_stays(gate: Gate) -> None:
    fast = gate.device()
    fast.sendall(b"".join(publish(f"ward/icu/m9/{n}") for n in range(1000)))
    taken = 0
    for _ in range(300):
        gate.window.received(gate.passed[taken : taken + 20])
        taken = min(taken + 20, len(gate.passed))
        gate.step(0.1)
    assert gate.passed == [f"ward/icu/m9/{n}" for n in range(1000)]


def test_devices_that_send_fast_take_turns(gate: Gate) -> None:
    devices = [gate.device() for _ in range(4)]
    for n, device in enumerate(devices):
        device.sendall(publish(f"ward/icu/f{n}/readings") * 1500)
    taken = 0
    while len(gate.passed) < 3000:
        gate.window.received(gate.passed[taken : taken + 50])
        taken = min(taken + 50, len(gate.passed))
        gate.step(0.5)
    counts = [gate.passed.count(f"ward/icu/f{n}/readings") for n in range(4)]
    assert max(counts) - min(counts) < 500, counts


def test_a_packet_larger_than_the_broker_accepts_ends_its_connection_and_is_logged(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    large, other = gate.device(), gate.device()
    large.sendall(publish(FLOOD, b"x" * 1_000_000)[:5000])
    other.sendall(publish(OTHER))
    gate.step()
    assert gate.passed == [OTHER]
    large.settimeout(10)
    with pytest.raises(ConnectionResetError):
        large.recv(1)
    assert "was disconnected: a packet of 1000024 bytes; at most 300000 are accepted" in caplog.text


def test_a_broker_that_accepts_slowly_delays_nobody_who_is_connected(gate: Gate) -> None:
    other = gate.device()
    waiting = [gate.client() for _ in range(4)]  # more than the broker's backlog
    other.sendall(publish(OTHER))
    gate.step()
    assert gate.passed == [OTHER]
    assert [is_open(client) for client in waiting] == [True] * 4


@pytest.mark.guarantee("A client that opens more and more MQTT connections takes none from devices that send.")
def test_of_too_many_connections_the_one_is_closed_that_has_sent_nothing_for_longest(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    devices = [gate.device() for _ in range(MOST_OPEN)]
    for n, device in enumerate(devices):
        if n != 2:
            gate.clock.advance(1)
            device.sendall(publish(OTHER))
            gate.step()
    gate.device()
    assert [is_open(device) for device in devices] == [n != 2 for n in range(MOST_OPEN)]
    assert f"was disconnected: there are more than {MOST_OPEN} connections" in caplog.text


def test_of_too_many_connections_those_that_publish_are_closed_last(gate: Gate) -> None:
    devices = [gate.device() for _ in range(MOST_OPEN - 1)]
    for device in devices:
        device.sendall(publish(OTHER))
    gate.step()
    others = []
    for _ in range(MOST_OPEN):
        gate.clock.advance(1)
        others.append(gate.device())
    assert all(map(is_open, devices))
    assert [is_open(other) for other in others] == [False] * (MOST_OPEN - 1) + [True]


def test_a_device_that_waits_for_its_turn_gets_nothing_of_its_own_when_the_broker_has_closed(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    device = gate.device()
    device.sendall(publish(FLOOD) * 1000)
    gate.step()
    broker = gate.broker_side()
    fill(broker, gate)
    broker.shutdown(socket.SHUT_WR)
    received = drained(device, gate)
    assert set(received) == {ord("a")}
    assert not caplog.text


def fill(broker: socket.socket, gate: Gate) -> None:
    """The broker sends as much as the gate takes while the device reads nothing."""
    with suppress(BlockingIOError):
        while True:
            broker.send(b"a" * 65536)
            gate.gate.step(0.0)


def drained(device: socket.socket, gate: Gate) -> bytes:
    """All that the device gets, until the gate closes its connection."""
    received = b""
    device.setblocking(False)
    for _ in range(5000):
        gate.step(0.1)
        try:
            piece = device.recv(20_000)
        except BlockingIOError:
            continue
        except ConnectionResetError:
            return received
        received += piece
        if not piece:
            return received
    raise AssertionError("the connection is not closed")


def is_open(device: socket.socket) -> bool:
    device.setblocking(False)
    try:
        return device.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def passes(allowance: Allowance, clock: ManualClock, topics: list[str], *, room: bool, seconds: int) -> float:
    """Messages a second of a connection that always has more to send."""
    count_, names = 0, count()
    for _ in range(seconds * 100):
        while allowance.open(clock.monotonic(), room=room):
            allowance.use(topics[next(names) % len(topics)].encode(), 1)
            count_ += 1
        clock.advance(0.01)
    return count_ / seconds


@pytest.mark.parametrize(
    ("topics", "room", "rate"),
    [(1, True, MOST), (1, False, ALWAYS), (20, True, 20 * MOST), (20, False, 20 * ALWAYS)],
)
def test_a_connection_is_read_in_proportion_to_its_devices(topics: int, room: bool, rate: float) -> None:
    clock = ManualClock()
    allowance, names = Allowance(clock.monotonic()), [f"t/{n}" for n in range(topics)]
    passes(allowance, clock, names, room=room, seconds=10)
    assert passes(allowance, clock, names, room=room, seconds=20) == pytest.approx(rate, rel=0.05)


def test_invented_topics_give_a_connection_no_more_than_a_large_gateway() -> None:
    clock = ManualClock()
    allowance, names = Allowance(clock.monotonic()), [f"t/{n}" for n in range(20_000)]
    passes(allowance, clock, names, room=False, seconds=10)
    rate = passes(allowance, clock, names, room=False, seconds=10)
    assert rate == pytest.approx(MOST_TOPICS * ALWAYS, rel=0.05)


def test_after_a_backlog_what_is_measured_passes_within_seconds() -> None:
    clock = ManualClock()
    allowance = Allowance(clock.monotonic())
    passes(allowance, clock, ["t"], room=True, seconds=60)
    clock.advance(5)
    assert allowance.open(clock.monotonic(), room=False)


def test_a_message_that_is_never_received_is_not_waited_for_when_later_ones_are() -> None:
    window = IntakeWindow()
    for n in range(MOST_UNITS):
        window.passed("other/topic", 1, at := float(n) / MOST_UNITS)
    assert not window.room
    window.passed(OTHER, 1, at + LOST_AFTER + 1)
    window.received([OTHER])
    assert window.room
    for _ in range(MOST_UNITS):
        window.passed("other/topic", 1, at + 5)
    assert window.room, "nobody receives this topic"


def test_messages_that_did_not_pass_the_gate_are_not_counted() -> None:
    window = IntakeWindow()
    for _ in range(MOST_UNITS):
        window.passed(FLOOD, 1, 1.0)
    window.received(["ward/icu/simulated/readings"] * 100)
    assert not window.room
    window.received([FLOOD])
    assert window.room


def test_the_window_sees_what_the_bridge_receives() -> None:
    window, broker = IntakeWindow(), MemoryBroker()
    for _ in range(MOST_UNITS):
        window.passed(FLOOD, 1, 1.0)
    broker.deliver(FLOOD, b"{}")
    assert [message.topic for message in WindowedBroker(broker, window).receive(10, 0)] == [FLOOD]
    assert window.room


def test_a_message_with_many_readings_costs_more_than_one() -> None:
    assert [units(size) for size in (0, 150, 2560, 10_000_000)] == [1, 1, 11, 257]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
def test_messages_are_found_in_pieces_of_any_size(piece: int) -> None:
    stream = CONNECT + publish(FLOOD, b"x" * 300) + b"\xc0\x00" + publish(OTHER, b"", qos=0) + publish(OTHER, b"yz")
    scanner = PublishScanner(1000)
    found = [one for at in range(0, len(stream), piece) for one in scanner.feed(stream[at : at + piece])]
    assert found == [Publish(FLOOD.encode(), 300), Publish(OTHER.encode(), 0), Publish(OTHER.encode(), 2)]


@pytest.mark.parametrize("data", [b"\x30\xff\xff\xff\xff\x01", b"\x30\xe9\x07"])
def test_bytes_that_are_no_packet_are_found(data: bytes) -> None:
    with pytest.raises(MalformedPacket):
        PublishScanner(1000).feed(data)
