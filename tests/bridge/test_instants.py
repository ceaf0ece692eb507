"""Each accepted reading of a device has an instant of its own: in the log, in the store and for the detectors."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.store_points.readings import ReadingPoints
from detectors.engine.engine import Engine
from tests.bridge.mapped import mapping
from tests.bridge.sparkplug_node import metric, payload
from tests.kit.guarantees import Figure
from tests.kit.intake_harness import IntakeHarness
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, Micros, format_instant
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.inventory import Inventory
from ward.reading import Flag, Reading
from ward.signals import Catalogue, Signal

COUNT = 45
HEART_RATE = Signal(
    name="heart_rate", label="Heart rate", unit="/min", display="/min", low=10, high=300, measurement="vitals"
)
CONFIG = Config(
    "test", Catalogue({"heart_rate": HEART_RATE}), Inventory(),
    codecs=(
        CodecRule("ward/+/+/readings", "native"),
        CodecRule("ward/+/+/status", "status"),
        CodecRule(
            "acme/+", "mapping", mapping=mapping({"heart_rate": "hr"}, each="all", device={"always": "m7"})
        ),
        CodecRule(
            "timed/+", "mapping",
            mapping=mapping(
                {"heart_rate": "hr"}, each="all", device={"always": "m7"}, time={"path": "^.t", "format": "epoch_s"}
            ),
        ),
        CodecRule("spBv1.0/#", "sparkplug"),
    ),
)  # fmt: skip
TOPIC = "ward/icu/m7/readings"


class TimedIntake(IntakeHarness):
    """An intake, and the payloads of one device."""

    def __init__(self) -> None:
        super().__init__(CONFIG)

    def native(self, value: float, offset: float | None = None, boot: str = "", seq: int = -1) -> None:
        """A reading, measured `offset` seconds from now by its device's clock; without an offset, without a time."""
        payload: dict[str, object] = {"v": 1, "values": {"heart_rate": value}}
        if offset is not None:
            payload["at"] = format_instant(self.clock.now() + round(offset * SECOND))
        if boot:
            payload |= {"boot": boot, "seq": seq}
        self.broker.deliver(TOPIC, json.dumps(payload).encode())

    def vitals(self) -> list[Reading]:
        """All readings with values of patients."""
        return [reading for reading in self.readings() if "heart_rate" in reading.values]


def untimed_batch(ward: TimedIntake) -> None:
    for value in range(COUNT):
        ward.native(100 + value)


def whole_seconds(ward: TimedIntake) -> None:
    for value in range(COUNT):
        ward.native(100 + value, value // 15 - 3, "k", value)


def whole_seconds_without_numbers(ward: TimedIntake) -> None:
    for value in range(COUNT):
        ward.native(100 + value, value // 15 - 3)


def each_without_a_time(ward: TimedIntake) -> None:
    ward.broker.deliver("acme/x", json.dumps({"all": [{"hr": 100 + value} for value in range(COUNT)]}).encode())


def each_with_one_time(ward: TimedIntake) -> None:
    second = ward.clock.now() // SECOND - 2
    entries = [{"hr": 100 + value} for value in range(COUNT)]
    ward.broker.deliver("timed/x", json.dumps({"t": second, "all": entries}).encode())


def clock_a_year_ahead(ward: TimedIntake) -> None:
    for value in range(COUNT):
        ward.native(100 + value, 365 * 86400 + value, "k", value)


CASES = (
    untimed_batch, whole_seconds, whole_seconds_without_numbers, each_without_a_time, each_with_one_time,
    clock_a_year_ahead,
)  # fmt: skip


@pytest.mark.guarantee("Readings of a device with equal times, or with none, are all stored and all evaluated.")
@pytest.mark.parametrize("send", CASES, ids=lambda case: case.__name__)
def test_readings_that_get_one_instant_are_all_stored_and_all_evaluated(
    send: Callable[[TimedIntake], None], tmp_path: Path, figure: Figure
) -> None:
    ward = TimedIntake()
    send(ward)
    ward.step()
    readings = ward.vitals()
    assert [reading.values["heart_rate"] for reading in readings] == [100.0 + value for value in range(COUNT)]
    assert stored(tmp_path, ward) == [(reading.at, reading.values["heart_rate"]) for reading in readings]
    engine = Engine(CONFIG)
    assert engine.evaluate(readings).out_of_order == 0
    figure(f"{COUNT} of {COUNT} readings stored and evaluated")


def stored(folder: Path, ward: TimedIntake) -> list[tuple[Micros, float]]:
    """What the store has of the heart rate after the readings were written twice, as by a replay."""
    store, points = SqliteStore(folder / "store.db", ward.clock), ReadingPoints(CONFIG)
    for _ in range(2):
        store.write([point for reading in ward.vitals() for point in points.points(reading)])
    found = store.last("vitals", "heart_rate", {"device": "m7"}, 1000)
    store.close()
    return found


def test_equal_times_differ_by_microseconds_and_the_devices_time_is_kept() -> None:
    ward = TimedIntake()
    for seq in range(3):
        ward.native(70 + seq, -2, "k", seq)
    ward.step()
    measured = ward.clock.now() - 2 * SECOND
    assert [(r.at, r.device_time) for r in ward.vitals()] == [
        (measured, None), (measured + 1, measured), (measured + 2, measured),
    ]  # fmt: skip


def test_a_restarted_bridge_gives_no_instant_a_second_time() -> None:
    ward = TimedIntake()
    for seq in range(4):
        ward.native(70 + seq, -2, "k", seq)
        ward.step()
        ward.start()
    assert [r.at - ward.clock.now() + 2 * SECOND for r in ward.vitals()] == [0, 1, 2, 3]


def test_readings_of_one_instant_that_come_late_have_instants_of_their_own() -> None:
    ward = TimedIntake()
    for seq in (0, 1, 2, 9, 8, 7, 3):
        ward.native(70 + seq, -20 if seq else -30, "k", seq)
    ward.step()
    ward.start()
    ward.native(74, -20, "k", 4)
    ward.step()
    instants = [r.at for r in ward.vitals()]
    assert len(set(instants)) == 8
    assert max(instants) - min(instants[1:]) < 10


def test_a_status_and_its_end_in_one_batch_are_two_points() -> None:
    ward = TimedIntake()
    for status in (b"offline", b"online", b"offline"):
        ward.broker.deliver("ward/icu/m7/status", status)
    ward.step()
    readings = ward.readings()
    assert [reading.values["online"] for reading in sorted(readings, key=lambda r: r.at)] == [0, 1, 0]
    assert len({reading.at for reading in readings}) == 3


def test_a_metric_that_a_sparkplug_message_repeats_is_two_readings() -> None:
    ward = TimedIntake()
    ward.broker.deliver(
        "spBv1.0/icu/NBIRTH/m7", payload(metric("heart_rate", 70.0), seq=0, at=ward.clock.now() // 1000)
    )
    ward.broker.deliver(
        "spBv1.0/icu/NDATA/m7",
        payload(metric("heart_rate", 190.0), metric("heart_rate", 71.0), seq=1, at=ward.clock.now() // 1000),
    )
    ward.step()
    assert [reading.values["heart_rate"] for reading in ward.vitals()] == [70, 190, 71]
    assert len({reading.at for reading in ward.vitals()}) == 3


@pytest.mark.guarantee("What a broker delivers a second time is stored once, also after a kill of the bridge.")
@pytest.mark.parametrize("killed", [False, True])
def test_a_message_without_numbers_that_the_broker_delivers_again_is_stored_once(killed: bool) -> None:
    ward = TimedIntake()
    for value in (70, 70, 71):
        ward.native(value, -2)
    ward.broker.acknowledge = lambda messages: None  # type: ignore[method-assign]
    ward.step()
    if killed:
        ward.start()
    ward.broker.reconnect()
    ward.native(70, -2)
    ward.step()
    assert [reading.values["heart_rate"] for reading in ward.vitals()] == [70, 70, 71, 70]
    assert ward.number("bridge_readings_duplicate_total") == 3


# Two that publish for one device


@pytest.mark.guarantee("Another publisher under a device's id, with a clock ahead, hides no reading of the device.")
@pytest.mark.parametrize("numbered", [True, False])
def test_a_publisher_whose_clock_is_ahead_hides_no_reading_of_the_device(numbered: bool, figure: Figure) -> None:
    ward, engine = TimedIntake(), Engine(CONFIG)
    for n in range(60):
        ward.native(150, -0.05, "real" if numbered else "", n if numbered else -1)
        for k in range(3):
            ward.native(70, 4.8, "other" if numbered else "", 3 * n + k if numbered else -1)
        ward.step()
        ward.clock.advance(1)
    result = engine.evaluate(ward.vitals())
    assert result.out_of_order == 0
    figure(f"{60} of 60 readings of the device evaluated")
    real = [r for r in ward.vitals() if r.values["heart_rate"] == 150]
    other = [r for r in ward.vitals() if r.values["heart_rate"] == 70]
    assert not any(r.flags & (Flag.CLOCK_AHEAD | Flag.CLOCK_STEPPED) for r in real)
    assert all(r.flags & Flag.CLOCK_AHEAD for r in other)
    assert all(r.at <= r.received_at + 1000 for r in (*real, *other))


def test_two_boots_that_send_at_the_same_time_are_flagged_and_a_reboot_is_not() -> None:
    ward = TimedIntake()
    for boot, seq in (("a", 0), ("a", 1), ("b", 0), ("b", 1)):
        ward.native(70, 0, boot, seq)
        ward.step()
        ward.clock.advance(1)
    assert not any(r.flags & Flag.SOURCE_CHANGED for r in ward.vitals())
    for seq in range(2, 5):
        for boot in "ab":
            ward.native(70, 0, boot, seq)
        ward.step()
        ward.clock.advance(1)
    assert sum(bool(r.flags & Flag.SOURCE_CHANGED) for r in ward.vitals()) == 6


def test_what_an_earlier_boot_left_over_is_late_and_changes_no_source() -> None:
    ward = TimedIntake()
    ward.native(70, -3000, "a", 0)
    for seq in range(5):
        ward.native(70, 0, "b", seq)
        ward.native(70, -2000 + 50 * seq, "a", seq + 1)
        ward.step()
        ward.clock.advance(1)
    left = [r for r in ward.vitals() if r.boot == "a"][1:]
    assert all(r.flags & Flag.OUT_OF_ORDER for r in left)
    assert not any(r.flags & Flag.SOURCE_CHANGED for r in ward.vitals())


def test_after_the_servers_clock_was_set_back_readings_have_the_time_that_it_shows() -> None:
    ward = TimedIntake()
    ward.native(70, None)
    ward.native(70, 0, "k", 0)
    ward.step()
    ward.clock.step(-3600)
    for restarted in (False, True):
        if restarted:
            ward.start()
        ward.native(71, None)
        ward.native(71, 3600, "k", 1 + restarted)
        ward.step()
        assert all(abs(r.at - ward.clock.now()) < 10 for r in ward.vitals()[-2:])
        ward.clock.advance(1)
