"""The load generator, and whether its report is right."""

import json
from collections.abc import Callable

import pytest

from bridge.codecs.native import NativeCodec
from simulators.load.generator import LoadGenerator
from simulators.load.loopback import require_loopback
from simulators.load.report import LoadReport
from ward.adapters.memory.gateway_connection import MemoryGatewayConnection
from ward.clock import ManualClock
from ward.errors import SettingsError


class SlowConnection(MemoryGatewayConnection):
    """Has room for so many in all, and pubacks for a part of them only."""

    def __init__(self, room: int = 10**9, pubacks: int = 10**9) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.room = room
        self.pubacks = pubacks
        super().__init__(lambda topic, payload: self.taken.append((topic, payload)))

    def publish(self, topic: str, payload: bytes) -> bool:
        if len(self.taken) >= self.room:
            return False
        published = super().publish(topic, payload)
        self.confirmed = min(self.confirmed, self.pubacks)
        return published

    def acknowledge(self, upto: Callable[[int], int] = lambda seq: seq) -> None:
        newest: dict[str, tuple[str, int]] = {}
        for topic, payload in self.taken:
            reading = json.loads(payload)
            newest[topic.removesuffix("readings") + "ack"] = (reading["boot"], reading["seq"])
        for topic, (boot, seq) in newest.items():
            self.on_message(topic, json.dumps({"boot": boot, "seq": upto(seq)}).encode())


def run(
    fleet: LoadGenerator,
    clock: ManualClock,
    connections: list[SlowConnection],
    seconds: float,
    acknowledge: bool = True,
) -> LoadReport:
    for _ in range(round(seconds / 0.05)):
        fleet.step(0)
        if acknowledge:
            for connection in connections:
                connection.acknowledge()
        clock.advance(0.05)
        if fleet.done:
            break
    return fleet.report


def test_all_readings_are_sent_evenly_and_acknowledged() -> None:
    clock, connections = ManualClock(), [SlowConnection(), SlowConnection(), SlowConnection()]
    fleet = LoadGenerator(connections, clock, devices=40, rate=2, seconds=5)
    halfway = run(fleet, clock, connections, 2.5)
    assert halfway.sent == pytest.approx(200, abs=5)
    assert not fleet.done
    report = run(fleet, clock, connections, 10)
    assert fleet.done
    assert (report.requested, report.sent, report.confirmed, report.acknowledged, report.shortfall) == (
        400,
        400,
        400,
        400,
        0,
    )
    assert report.kept_up
    assert report.rate == pytest.approx(80, rel=0.02)
    assert [len(connection.taken) for connection in connections] == [140, 130, 130], (
        "devices are spread over the connections"
    )


def test_each_device_has_its_own_topic_and_numbers_without_gaps_in_the_native_form() -> None:
    clock, connection = ManualClock(), SlowConnection()
    fleet = LoadGenerator([connection], clock, devices=7, rate=3, seconds=2)
    run(fleet, clock, [connection], 5)
    by_topic: dict[str, list[int]] = {}
    codec = NativeCodec()
    for topic, payload in connection.taken:
        (draft,) = codec.decode(topic.split("/"), payload)
        assert len(draft.values) == 6
        assert draft.at is not None
        by_topic.setdefault(topic, []).append(draft.seq)
    assert len(by_topic) == 7
    assert all(seqs == list(range(1, 7)) for seqs in by_topic.values())


def test_a_broker_without_room_gives_a_shortfall_in_the_report() -> None:
    clock, connection = ManualClock(), SlowConnection(room=100)
    fleet = LoadGenerator([connection], clock, devices=10, rate=10, seconds=4)
    report = run(fleet, clock, [connection], 30)
    assert fleet.done
    assert (report.requested, report.sent, report.shortfall, report.acknowledged) == (400, 100, 300, 100)
    assert not report.kept_up
    assert report.seconds == pytest.approx(4, abs=0.06)
    assert report.rate == pytest.approx(25, rel=0.05)
    assert any("shortfall" in line and "300" in line for line in report.lines())


def test_a_puback_is_not_taken_for_an_acknowledgement() -> None:
    clock, connection = ManualClock(), SlowConnection()
    fleet = LoadGenerator([connection], clock, devices=10, rate=1, seconds=3, patience=5)
    report = run(fleet, clock, [connection], 60, acknowledge=False)
    assert fleet.done
    assert (report.sent, report.confirmed, report.acknowledged) == (30, 30, 0)
    assert report.waited == pytest.approx(5, abs=0.1), "it waits as long as it said, and no longer"
    assert not report.kept_up
    assert any("unacknowledged" in line and "30" in line for line in report.lines())


def test_pubacks_that_never_came_are_missing_from_the_report() -> None:
    clock, connection = ManualClock(), SlowConnection(pubacks=12)
    fleet = LoadGenerator([connection], clock, devices=10, rate=1, seconds=3)
    assert run(fleet, clock, [connection], 60).confirmed == 12


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"seq": 5}', b'{"boot": "other", "seq": 9}', b'{"boot": 1}'])
def test_invalid_acknowledgements_are_not_counted(payload: bytes) -> None:
    clock, connection = ManualClock(), SlowConnection()
    fleet = LoadGenerator([connection], clock, devices=1, rate=1, seconds=3)
    fleet.step(0)
    connection.on_message("ward/load/load-00000/ack", payload)
    connection.on_message("ward/load/load-99999/ack", b"{}")
    fleet.step(0)
    assert fleet.report.acknowledged == 0


def test_at_most_what_was_sent_is_counted_as_acknowledged() -> None:
    clock, connection = ManualClock(), SlowConnection()
    fleet = LoadGenerator([connection], clock, devices=2, rate=1, seconds=3)
    fleet.step(0)
    connection.acknowledge(lambda seq: seq + 1000)
    fleet.step(0)
    assert fleet.report.acknowledged == fleet.report.sent == 1


def test_the_time_of_the_test_starts_with_the_connection() -> None:
    clock, connection = ManualClock(), SlowConnection()
    fleet = LoadGenerator([connection], clock, devices=2, rate=1, seconds=3)
    connection.drop()
    for _ in range(10):
        fleet.step(0)
        clock.advance(1)
    assert fleet.report.sent == 0
    connection.connect()
    report = run(fleet, clock, [connection], 20)
    assert report.kept_up
    assert report.seconds < 3.1


def test_without_a_broker_it_ends_after_its_patience() -> None:
    clock, connection = ManualClock(), SlowConnection()
    fleet = LoadGenerator([connection], clock, devices=2, rate=1, seconds=3, patience=5)
    connection.drop()
    report = run(fleet, clock, [connection], 60)
    assert fleet.done
    assert (report.requested, report.sent, report.shortfall, report.rate) == (6, 0, 6, 0)


def test_one_step_never_sends_more_than_a_burst_however_late_it_is() -> None:
    clock, connection = ManualClock(), SlowConnection()
    fleet = LoadGenerator([connection], clock, devices=1000, rate=100, seconds=1)
    fleet.step(0)
    clock.advance(0.9)
    assert fleet.step(0) == 2000


@pytest.mark.parametrize(
    ("devices", "rate", "seconds", "said"),
    [
        (0, 1, 1, "0 devices"), (10**6, 1, 1, "1000000 devices"), (1, 0, 1, "0 readings a second"),
        (1000, 10**6, 1, "at most"), (1, 1, 0, "0 s"), (1, 1, 10**9, "at most"), (1, 1, float("nan"), "nan s"),
    ],
)  # fmt: skip
def test_a_load_out_of_range_is_refused(devices: int, rate: float, seconds: float, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        LoadGenerator([], ManualClock(), devices=devices, rate=rate, seconds=seconds)


@pytest.mark.parametrize("url", ["mqtt://127.0.0.1:1883", "mqtt://localhost", "mqtts://[::1]:8883", "mqtt://127.8.9.1"])
def test_this_machine_may_be_loaded(url: str) -> None:
    assert require_loopback(url) == url


@pytest.mark.parametrize(
    "url",
    ["mqtt://10.0.0.5", "mqtt://broker.hospital", "mqtt://127.0.0.1.evil.example", "", "mqtt://localhost@10.0.0.5"],
)
def test_another_machine_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="--remote"):
        require_loopback(url)
