"""A position is committed after its points are stored; a bad point does not hold back others."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bridge.archive import Archive
from tests.kit.log_records import log_messages
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.store import SqliteStore
from ward.alert import Alert
from ward.clock import SECOND, ManualClock, Micros
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.errors import StoreRefused, StoreUnavailable
from ward.finding import Finding, Kind, Severity, Transition
from ward.inventory import Assignment, Bed, Device, Inventory, Period
from ward.metrics import Metrics
from ward.ports import Point
from ward.reading import Flag, Reading
from ward.retention_policy import RetentionPolicy
from ward.signals import Catalogue, Signal
from ward.topics import ALERTS, FINDINGS, QUARANTINE, READINGS
from ward.wire import ALERT_WIRE, FINDING_WIRE, QUARANTINED_WIRE, READING_WIRE, QuarantinedMessage

T: Micros = 1_764_000_000 * SECOND
CONFIG = Config(
    "test",
    Catalogue({n: Signal(name=n, label=n, unit="1", display="", measurement="vitals") for n in ("heart_rate", "spo2")}),
    Inventory(
        beds=[Bed(id="b1", ward="icu", label="ICU bed 1"), Bed(id="b2", ward="icu", label="ICU bed 2")],
        devices=[
            Device(
                id="m1",
                device_kind="bedside_monitor",
                assignments=(
                    Assignment(ward="icu", bed="b1", span=Period(until=T + 10 * SECOND)),
                    Assignment(ward="icu", bed="b2", span=Period(since=T + 10 * SECOND)),
                ),
            )
        ],
    ),
)


class SwitchableStore(SqliteStore):
    """A store that a test makes unavailable, or makes refuse points with some values."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, durable=False)
        self.away = False
        self.refused_values: set[float] = set()
        self.batches = 0

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        self.batches += 1
        if self.away:
            raise StoreUnavailable("away")
        if any(self.refused_values & set(point.fields.values()) for point in points):
            raise StoreRefused("field type conflict")
        super().write(points, policy)


class ArchiveHarness:
    """An archive between a log in memory and a store in a file."""

    def __init__(self, tmp_path: Path) -> None:
        self.log, self.clock, self.metrics = MemoryLog(), ManualClock(T), Metrics()
        self.store = SwitchableStore(tmp_path / "store.db")
        self.archive = self.start()

    def start(self) -> Archive:
        self.archive = Archive(self.log, self.store, FixedConfig(CONFIG), self.clock, self.metrics)
        return self.archive

    def send(self, count: int, start: int = 0, device: str = "m1", **more: object) -> None:
        readings = [
            Reading(
                device=device,
                ward="icu",
                at=T + n * SECOND,
                received_at=T,
                values={"heart_rate": 60.0 + n},
                **more,  # type: ignore[arg-type]
            )
            for n in range(start, start + count)
        ]
        self.log.send(READINGS, [(device, READING_WIRE.encode(r)) for r in readings])

    def step(self) -> int:
        return self.archive.step(0)

    def stored(self, signal: str = "heart_rate", **where: str) -> list[float]:
        return [value for _, value in self.store.last("vitals", signal, where, 1000)]

    def quarantine(self) -> list[QuarantinedMessage]:
        return log_messages(self.log, QUARANTINE, QUARANTINED_WIRE)


@pytest.fixture
def harness(tmp_path: Path) -> ArchiveHarness:
    return ArchiveHarness(tmp_path)


def test_readings_are_stored_with_the_place_of_their_device_at_that_instant(harness: ArchiveHarness) -> None:
    harness.send(20)
    assert harness.step() == 20
    assert harness.stored(bed="b1") == [60.0 + n for n in range(10)]
    assert harness.stored(bed="b2") == [60.0 + n for n in range(10, 20)]


def test_nothing_is_committed_before_it_is_stored(harness: ArchiveHarness) -> None:
    harness.store.away = True
    harness.send(5)
    assert harness.step() == 0
    harness.archive.close()
    harness.start()
    harness.store.away = False
    assert harness.step() == 5
    assert len(harness.stored()) == 5


def test_a_store_that_is_away_is_tried_again_with_growing_pauses_and_without_end(harness: ArchiveHarness) -> None:
    harness.send(1)
    assert harness.step() == 1
    assert (harness.metrics.samples()["wardwatch_store_up"], harness.archive.problem()) == (1, "")
    harness.store.away = True
    harness.send(1, start=1)
    attempts = []
    for second in range(600):
        before = harness.store.batches
        harness.step()
        attempts += [second] * (harness.store.batches - before)
        harness.clock.advance(1)
    assert attempts[:5] == [0, 1, 2, 4, 8]
    assert max(b - a for a, b in pairwise(attempts)) == 10
    numbers = harness.metrics.samples()
    assert (numbers["wardwatch_store_up"], numbers["wardwatch_store_retries_total"]) == (0, len(attempts))
    assert harness.archive.problem() == "the store accepts no points: away"
    harness.store.away = False
    harness.clock.advance(10)
    assert harness.step() == 1
    assert (harness.metrics.samples()["wardwatch_store_up"], harness.archive.problem()) == (1, "")


def test_the_lag_counts_what_is_not_stored_yet_while_the_store_is_away(harness: ArchiveHarness) -> None:
    def behind() -> float:
        return harness.metrics.samples()['wardwatch_consumer_lag_records{group="archive",topic="ward.readings"}']

    harness.step()
    harness.store.away = True
    harness.send(5)
    harness.step()
    harness.send(3)
    harness.clock.advance(1)
    harness.step()
    assert behind() == 8
    harness.store.away = False
    for _ in range(5):
        harness.clock.advance(2)
        harness.step()
    assert behind() == 0


def test_only_the_points_that_the_store_refuses_are_quarantined(harness: ArchiveHarness) -> None:
    harness.store.refused_values = {67.0, 940.0}
    harness.send(1000)
    assert harness.step() == 1000
    assert len(harness.stored()) == 998
    quarantined = harness.quarantine()
    assert [q.reason for q in quarantined] == ["store", "store"]
    assert [q.detail for q in quarantined] == ["field type conflict"] * 2


class SlowQuarantine(MemoryLog):
    """A log whose quarantine records become durable when the test allows it."""

    durable = False

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> Any:
        receipt = super().send(topic, records)
        return self if topic == QUARANTINE else receipt

    def acked(self, wait: float) -> bool:
        return self.durable


def test_nothing_is_committed_before_the_quarantine_records_are_durable(harness: ArchiveHarness) -> None:
    harness.archive.close()
    harness.log = log = SlowQuarantine()
    harness.start()
    harness.store.refused_values = {62.0}
    harness.send(4)
    assert harness.step() == 0
    harness.archive.close()
    harness.start()
    log.durable = True
    # The four readings again, and the quarantine record written before the restart: dashboards show samples of it.
    assert harness.step() == 5, "a restart before it was durable quarantines it once more"
    assert [q.reason for q in harness.quarantine()] == ["store", "store"]


def test_findings_and_alerts_are_stored_too(harness: ArchiveHarness) -> None:
    episode: dict[str, Any] = {"kind": Kind.PHYSIOLOGICAL, "severity": Severity.HIGH}
    finding = Finding(
        episode="e1", transition=Transition.RAISED, rule="tachycardia", detector="limits", onset=T, at=T,
        received_at=T, text="fast",
        **episode,
    )  # fmt: skip
    labels = {"alertname": "tachycardia", "bed": "b1"}
    alert = Alert(id="e1", labels=labels, annotations={"summary": "fast"}, starts_at=T, updated_at=T, **episode)
    harness.log.send(FINDINGS, [("m1", FINDING_WIRE.encode(finding))])
    harness.log.send(ALERTS, [("f1", ALERT_WIRE.encode(alert))])
    assert harness.step() == 2
    for measurement, named in (("findings", "rule"), ("alerts", "alertname")):
        (row,) = harness.store.rows(measurement, {}, T, T + SECOND, 10)
        assert row.tags[named] == "tachycardia"


def test_a_store_that_goes_away_in_the_middle_of_a_search_for_bad_points_loses_none(harness: ArchiveHarness) -> None:
    harness.store.refused_values = {63.0}
    harness.send(8)
    write, calls = harness.store.write, [0]

    def away_at_the_fourth_call(points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        calls[0] += 1
        harness.store.away = calls[0] == 4
        write(points)

    harness.store.write = away_at_the_fourth_call  # type: ignore[method-assign]
    for _ in range(5):
        harness.step()
        harness.clock.advance(5)
    assert len(harness.stored()) == 7
    assert [q.reason for q in harness.quarantine()] == ["store"]


def test_a_record_that_cannot_be_decoded_is_quarantined_and_the_rest_is_stored(harness: ArchiveHarness) -> None:
    harness.send(2)
    harness.log.send(READINGS, [("m1", b'{"v":7}'), ("m1", b"\xff\x00")])
    harness.send(2, start=2)
    harness.step()
    assert len(harness.stored()) == 4
    assert [(q.reason, q.payload) for q in harness.quarantine()] == [("record", b'{"v":7}'), ("record", b"\xff\x00")]


@pytest.mark.guarantee("A replay of the log changes nothing in the store.")
def test_a_replay_changes_nothing(harness: ArchiveHarness) -> None:
    harness.send(10)
    harness.step()
    harness.send(10)
    harness.step()
    assert len(harness.stored()) == 10


def test_implausible_values_losses_and_clock_skew_are_stored_as_telemetry(harness: ArchiveHarness) -> None:
    harness.send(
        1, implausible={"spo2": 0.0}, lost=3, duplicates=2, device_time=T - 90 * SECOND, flags=int(Flag.CLOCK_STEPPED)
    )
    harness.step()
    telemetry = {
        name: harness.store.last("telemetry", name, {}, 5)
        for name in ("spo2_implausible", "lost_readings", "duplicate_readings", "clock_skew")
    }
    assert {name: values[0][1] for name, values in telemetry.items()} == {
        "spo2_implausible": 0.0, "lost_readings": 3.0, "duplicate_readings": 2.0, "clock_skew": 90.0,
    }  # fmt: skip
    assert harness.stored("spo2") == []


def test_an_unknown_signal_is_stored_as_telemetry_beside_the_vital_signs(harness: ArchiveHarness) -> None:
    reading = Reading(device="m1", ward="icu", at=T, received_at=T, values={"heart_rate": 72.0, "glucose": 5.1})
    harness.log.send(READINGS, [("m1", READING_WIRE.encode(reading))])
    harness.step()
    assert harness.stored(bed="b1") == [72.0]
    assert harness.store.last("telemetry", "glucose", {"bed": "b1"}, 5) == [(T, 5.1)]


def test_a_signal_that_is_one_too_many_for_the_store_costs_no_other_value(
    harness: ArchiveHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Reading(device="m1", ward="icu", at=T, received_at=T, values={"a": 1.0, "b": 2.0})
    more = {"heart_rate": 70.0, "a": 3.0, "one_more": 4.0}
    second = Reading(
        device="m1", ward="icu", at=T + SECOND, received_at=T, values=more, lost=2, implausible={"spo2": 400.0}
    )
    for one in (first, second):
        harness.log.send(READINGS, [("m1", READING_WIRE.encode(one))])
        assert harness.step() == 1
        monkeypatch.setattr("ward.adapters.sqlite.points.MOST_FIELDS", 4)
    assert harness.stored() == [70.0]
    (row, _) = harness.store.rows("telemetry", {}, 0, T + 2 * SECOND, 9)
    assert row.fields == {"lost_readings": 2.0, "spo2_implausible": 400.0}
    (record,) = harness.quarantine()
    assert b"one_more" in record.payload
    assert b"lost_readings" not in record.payload


def test_an_unregistered_device_is_stored_under_the_ward_of_its_topic(harness: ArchiveHarness) -> None:
    harness.send(1, device="x7")
    harness.step()
    assert harness.stored(ward="icu", device="x7", device_kind="unknown") == [60.0]


def test_a_backlog_is_stored_and_committed_batch_by_batch(harness: ArchiveHarness) -> None:
    harness.send(1000)
    assert [harness.archive.step(0, limit=100) for _ in range(11)] == [100] * 10 + [0]
    assert harness.stored() == [60.0 + n for n in range(1000)]
    harness.archive.close()
    assert harness.start().step(0) == 0


def test_a_batch_that_was_stored_early_is_not_committed_before_the_batches_before_it(harness: ArchiveHarness) -> None:
    write = harness.store.write

    def without_the_first(points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        if any(point.at == T for point in points):
            raise StoreUnavailable("away for these")
        write(points)

    harness.store.write = without_the_first  # type: ignore[method-assign]
    harness.send(300)
    assert harness.archive.step(0, limit=100) == 0
    harness.archive.close()
    assert harness.stored()[-1] == 60.0 + 199, "the second batch was stored while the first was not"
    harness.store.write = write  # type: ignore[method-assign]
    assert harness.start().step(0) == 300
    assert harness.stored() == [60.0 + n for n in range(300)]


def test_the_store_may_go_away_while_several_batches_are_being_written(harness: ArchiveHarness) -> None:
    harness.store.away = True
    harness.send(500)
    for _ in range(3):
        assert harness.archive.step(0, limit=100) == 0
        harness.clock.advance(10)
    harness.store.away = False
    done = 0
    for _ in range(12):
        done += harness.archive.step(0, limit=100)
        harness.clock.advance(10)
    assert done == 500
    assert harness.stored() == [60.0 + n for n in range(500)]


def test_a_quarantine_sample_that_the_store_refuses_makes_no_new_sample(harness: ArchiveHarness) -> None:
    """A refused sample is quarantined; a sample of that would be refused too, and so on for ever."""
    harness.store.refused_values = {2.0}  # bytes of every payload below
    record = QuarantinedMessage(
        topic="ward/icu/m1/readings", payload=b"xx", reason="json", detail="", at=T, stage="intake"
    )
    harness.log.send(QUARANTINE, [("", QUARANTINED_WIRE.encode(record))])
    assert sum(harness.step() for _ in range(20)) == 2
    assert [q.topic for q in harness.quarantine()] == ["ward/icu/m1/readings", "store/quarantine"]
