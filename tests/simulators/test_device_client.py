"""A device on the network: nothing lost, in order, no flood, duplicates only after a resend."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from simulators.device_client.buffer import DeviceBuffer
from simulators.device_client.client import WIDEST_WINDOW, DeviceClient
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.device_client.sqlite_buffer import SqliteDeviceBuffer
from tests.simulators.wire import TOPICS, RecordingConnection, SmallBridge
from ward.adapters.memory.broker import MemoryBroker
from ward.clock import SECOND, ManualClock, parse_instant


class Bench:
    """A device on a bench: a link, a broker, a bridge, and a clock that is turned by hand."""

    def __init__(self, kept: DeviceBuffer | None = None) -> None:
        self.clock = ManualClock()
        self.broker = MemoryBroker()
        self.bridge = SmallBridge(self.broker)
        self.kept = kept or MemoryDeviceBuffer()
        self.start()

    def start(self) -> None:
        self.link = RecordingConnection(self.broker)
        self.device = DeviceClient(TOPICS, self.link, self.kept, self.clock)
        self.device.power(True)
        self.device.plug(True)
        self.device.exchange()
        self.device.exchange()

    def measure(self, times: int = 1, every: float = 2.5) -> None:
        for _ in range(times):
            self.clock.advance(every)
            self.device.measure(self.clock.now(), {"heart_rate": 72.0})
            self.device.exchange()

    def exchange(self) -> None:
        """Exchange messages until everything is acknowledged."""
        while self.bridge.take():
            self.bridge.acknowledge()
            self.device.exchange()

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.device.exchange()


def test_its_payload_is_version_1() -> None:
    bench = Bench()
    bench.measure(2)
    first, second = (json.loads(p) for p in bench.link.payloads)
    assert set(first) == {"v", "boot", "seq", "at", "values"}
    assert (first["v"], first["seq"], second["seq"]) == (1, 1, 2)
    assert first["boot"] == second["boot"] == bench.device.boot
    assert parse_instant(second["at"]) == bench.clock.now()
    assert first["values"] == {"heart_rate": 72.0}


def test_each_reading_is_sent_once_and_removed_when_acknowledged() -> None:
    bench = Bench()
    for _ in range(50):
        bench.measure()
        bench.exchange()
    counts = bench.device.counts
    assert (counts.measured, counts.sent, counts.acknowledged) == (50, 50, 50)
    assert (counts.resent, counts.buffered, counts.overwritten, counts.ignored) == (0, 0, 0, 0)
    assert [seq for _, seq in bench.bridge.taken] == list(range(1, 51))


def test_a_backlog_is_sent_in_order_and_before_new_readings() -> None:
    bench = Bench()
    bench.link.drop()
    bench.device.plug(False)
    bench.measure(200)
    assert bench.link.sent == []
    bench.device.plug(True)
    bench.measure()
    bench.exchange()
    assert [seq for _, seq in bench.bridge.taken] == list(range(1, 202))
    assert bench.device.counts.buffered == 0
    assert bench.device.counts.resent == 0


def test_a_backlog_is_sent_in_windows_that_widen_with_each_acknowledgement() -> None:
    bench = Bench()
    bench.device.plug(False)
    bench.measure(500)
    bench.device.plug(True)
    bursts = []
    for _ in range(12):
        bench.wait(0.1)
        bursts.append(bench.bridge.take())
        bench.bridge.acknowledge()
    assert bursts[:2] == [8, 16]
    assert max(bursts) == WIDEST_WINDOW


def test_after_a_lost_acknowledgement_a_reading_is_sent_again() -> None:
    bench = Bench()
    bench.measure(3)
    bench.bridge.take()
    bench.bridge.lose_acknowledgements()
    bench.wait(4.9)
    assert bench.device.counts.resent == 0
    bench.wait(0.2)  # ten seconds after the first of them was sent
    assert bench.device.counts.resent == 1, "the oldest alone asks whether anybody is there"
    bench.exchange()
    assert [seq for _, seq in bench.bridge.taken] == [1, 2, 3, 1]
    assert bench.device.counts.buffered == 0


def test_without_acknowledgements_it_resends_at_growing_intervals() -> None:
    bench = Bench()
    bench.measure(240)  # ten minutes without a bridge
    assert bench.device.counts.sent <= 8
    times = len(bench.link.sent)
    assert times <= 8 + 13
    bench.exchange()
    assert bench.device.counts.buffered == 0
    assert sorted(set(bench.bridge.taken), key=bench.bridge.taken.index) == [
        (bench.device.boot, seq) for seq in range(1, 241)
    ]


def test_after_an_acknowledgement_the_interval_is_reset() -> None:
    bench = Bench()
    bench.measure(240)
    bench.exchange()
    bench.measure()
    bench.bridge.lose()
    bench.wait(10.1)
    assert bench.bridge.take() == 1


def test_after_a_reconnect_readings_in_flight_are_sent_again() -> None:
    bench = Bench()
    bench.measure(5, every=0.1)
    bench.bridge.lose()
    bench.link.drop()
    bench.bridge.take()
    bench.wait(1)
    bench.wait(1)
    bench.exchange()
    assert [seq for _, seq in bench.bridge.taken] == [1, 2, 3, 4, 5]
    assert bench.device.counts.resent == 5
    assert bench.device.counts.buffered == 0


def test_a_killed_device_sends_its_buffered_readings_before_new_ones(tmp_path: Path) -> None:
    bench = Bench(SqliteDeviceBuffer(tmp_path / "kept.db"))
    bench.measure(4)
    first_boot = bench.device.boot
    bench.bridge.lose()
    killed, bench.kept = bench.kept, SqliteDeviceBuffer(tmp_path / "kept.db")
    bench.start()
    bench.measure(2)
    bench.exchange()
    assert bench.device.boot != first_boot
    assert bench.bridge.taken == [*((first_boot, s) for s in (1, 2, 3, 4)), *((bench.device.boot, s) for s in (1, 2))]
    assert (bench.device.counts.recovered, bench.device.counts.buffered) == (4, 0)
    assert bench.device.counts.balanced
    for kept in (killed, bench.kept):
        kept.close()


def test_each_start_has_its_own_boot_even_at_the_same_time_and_after_a_lost_buffer() -> None:
    bench = Bench()
    boots = [bench.device.boot]
    for _ in range(3):
        bench.device.power(False)
        bench.device.power(True)
        boots.append(bench.device.boot)
    bench.clock.advance(1)
    bench.kept = MemoryDeviceBuffer()
    bench.start()
    boots.append(bench.device.boot)
    assert len(set(boots)) == 5


def test_switched_off_it_measures_nothing_and_its_last_will_is_published() -> None:
    bench = Bench()
    bench.measure(1)
    bench.device.power(False)
    bench.measure(3)
    assert bench.device.counts.measured == 1
    bench.bridge.take()
    assert bench.bridge.statuses == [b"online", b"offline"]
    bench.device.power(True)
    bench.wait(1)
    bench.measure(1)
    bench.exchange()
    assert bench.bridge.statuses == [b"online", b"offline", b"online"]
    assert bench.bridge.taken[-1] == (bench.device.boot, 1)


def test_a_full_buffer_overwrites_the_oldest_and_counts_it() -> None:
    bench = Bench(MemoryDeviceBuffer(most=10))
    bench.device.plug(False)
    bench.measure(25)
    bench.device.plug(True)
    bench.wait(1)
    bench.wait(1)
    bench.bridge.take()
    assert [seq for _, seq in bench.bridge.taken][:1] == [16]
    counts = bench.device.counts
    assert (counts.overwritten, counts.buffered, counts.measured) == (15, 10, 25)
    assert counts.balanced


def test_an_overwritten_reading_in_flight_frees_its_place_in_the_window() -> None:
    bench = Bench(MemoryDeviceBuffer(most=10))
    bench.measure(8)  # the whole first window
    bench.measure(12)
    assert bench.device.counts.overwritten == 10
    bench.wait(20)
    bench.bridge.take()
    for _ in range(6):  # a bridge that has given up the gap
        newest = bench.bridge.taken[-1][1]
        bench.broker.publish(TOPICS.ack, json.dumps({"boot": bench.device.boot, "seq": newest}).encode())
        bench.wait(0.1)
        bench.bridge.take()
    assert bench.bridge.taken[-1][1] == 20
    assert bench.device.counts.buffered == 0


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"{", b'{"boot": "x"}', b'{"boot": 1, "seq": 1}', b'{"boot": "x", "seq": "1"}', b"\xff\xfe", b"null"],
)
def test_an_invalid_acknowledgement_is_counted_and_ignored(payload: bytes) -> None:
    bench = Bench()
    bench.measure(2)
    bench.broker.publish(TOPICS.ack, payload)
    bench.wait(0.1)
    assert bench.device.counts.ignored == 1
    assert bench.device.counts.buffered == 2


def test_an_acknowledgement_of_an_unknown_boot_is_ignored() -> None:
    bench = Bench()
    bench.measure(2)
    bench.broker.publish(TOPICS.ack, b'{"boot": "unknown", "seq": 999}')
    bench.wait(0.1)
    assert bench.device.counts.buffered == 2


def test_without_a_network_it_reconnects_at_growing_intervals() -> None:
    bench = Bench()
    tries: list[float] = []
    bench.link.drop()
    bench.link.connect = lambda: tries.append(bench.clock.monotonic())  # type: ignore[method-assign]
    for _ in range(1800):
        bench.wait(0.1)
    gaps = [round(b - a, 3) for a, b in pairwise(tries)]
    assert gaps[0] == pytest.approx(1, abs=0.15)
    assert max(gaps) == pytest.approx(30, abs=0.15)
    assert gaps == sorted(gaps)


def test_a_reading_without_values_is_ignored() -> None:
    bench = Bench()
    bench.device.measure(bench.clock.now() + SECOND, {})
    assert bench.device.counts.measured == 0
