"""Each counter that does not add up is reported in a sentence."""

from pathlib import Path

import pytest

from app.reference.metrics import labels
from app.runtime.latency_summary import histogram_quantile, latency_lines
from app.runtime.reconciliation import Reconciliation
from app.runtime.stored_values import stored_values
from simulators.device_client.client import DeliveryCounts
from simulators.live.logger_source import LoggerCounts
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock
from ward.metrics import Metrics
from ward.ports import Point, Series
from ward.signals import Signal

MONITORS = DeliveryCounts(recovered=2, measured=100, sent=100, resent=3, acknowledged=102)
LOGGERS = LoggerCounts(measured=10, sent=10, confirmed=10)
SET_ASIDE = 'wardwatch_messages_quarantined_total{reason="store",stage="archive"}'
NUMBERS = {
    "wardwatch_bridge_readings_received_total": 120.0,  # of devices, 3 of them twice, and 5 status messages
    "wardwatch_bridge_readings_accepted_total": 115.0,
    'wardwatch_bridge_readings_flagged_total{flag="status"}': 5.0,
    "wardwatch_bridge_readings_duplicate_total": 3.0,
    'wardwatch_messages_quarantined_total{reason="schema",stage="intake"}': 2.0,
    SET_ASIDE: 1.0,
    'wardwatch_archive_records_stored_total{topic="ward.readings"}': 115.0,
    'wardwatch_bridge_values_accepted_total{signal="heart_rate"}': 100.0,
    'wardwatch_archive_records_stored_total{topic="ward.findings"}': 4.0,
    'wardwatch_findings_total{transition="raised",rule="a"}': 3.0,
    'wardwatch_findings_total{transition="cleared",rule="a"}': 1.0,
    'wardwatch_outbox_notifications{channel="mail"}': 0.0,
    'wardwatch_notification_attempts_total{channel="mail",result="delivered"}': 2.0,
}
STORED = {"heart_rate": 100}


def test_counters_that_add_up_have_no_fault_and_a_line_for_each_stage() -> None:
    counts = Reconciliation(MONITORS, LOGGERS, NUMBERS, STORED)
    assert counts.faults() == []
    text = "\n".join(counts.lines())
    for line in (
        "112 sent (102 by monitors and all acknowledged to them, 10 by loggers)",
        "120 received = 115 accepted (of them 5 status messages) + 3 deduplicated + 2 quarantined",
        "115 readings stored, 100 values there, 1 points set aside",
        "4 (3 raised, 1 cleared)", "2 delivered, 0 attempts failed",
    ):  # fmt: skip
        assert line in text


def test_it_sums_metrics_that_exist_by_labels_that_they_have(monkeypatch: pytest.MonkeyPatch) -> None:
    used: dict[str, set[str]] = {}

    def total(_: Reconciliation, name: str, **where: str) -> int:
        used.setdefault(name, set()).update(where)
        return 1

    monkeypatch.setattr(Reconciliation, "total", total)
    counts = Reconciliation(MONITORS, LOGGERS, {}, {"spo2": 0})
    assert list(counts.lines())
    assert counts.faults()
    known = labels()
    assert {name: names - set(known[name]) for name, names in used.items() if names - set(known[name])} == {}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"wardwatch_bridge_readings_received_total": 121.0}, "121 readings received, but 115 accepted"),
        ({"wardwatch_bridge_readings_duplicate_total": 2.0}, "2 deduplicated"),
        ({'wardwatch_bridge_readings_flagged_total{flag="status"}': 9.0}, "112 readings sent, but 106 accepted"),
        ({'wardwatch_bridge_readings_flagged_total{flag="status"}': 2.0}, "112 readings sent, but 113 accepted"),
        (
            {'wardwatch_archive_records_stored_total{topic="ward.readings"}': 114.0},
            "115 readings accepted, but 114 stored",
        ),
        ({'wardwatch_archive_records_stored_total{topic="ward.findings"}': 3.0}, "4 findings, but 3 stored"),
        ({'wardwatch_outbox_notifications{channel="mail"}': 1.0}, "1 notifications still wait for their channels"),
    ],
)
def test_a_counter_that_does_not_add_up_is_reported_in_a_sentence(changed: dict[str, float], words: str) -> None:
    faults = Reconciliation(MONITORS, LOGGERS, {**NUMBERS, **changed}, STORED).faults()
    assert any(words in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("monitors", "words"),
    [
        (DeliveryCounts(recovered=2, measured=100, acknowledged=101), "do not add up"),
        (DeliveryCounts(recovered=2, measured=100, acknowledged=101, buffered=1), "1 readings were never acknowledged"),
        (DeliveryCounts(recovered=2, measured=100, acknowledged=101, overwritten=1), "1 readings were overwritten"),
    ],
)
def test_a_reading_that_a_monitor_still_holds_or_lost_is_reported_in_a_sentence(
    monitors: DeliveryCounts, words: str
) -> None:
    assert any(words in fault for fault in Reconciliation(monitors, LOGGERS, NUMBERS, STORED).faults())


@pytest.mark.guarantee("The balance at the end of a demo counts the values that are in the store, not the writes.")
def test_a_value_that_was_written_over_is_reported(tmp_path: Path) -> None:
    clock = ManualClock()
    store, series = SqliteStore(tmp_path / "store.db", clock), Series.of("vitals", device="m1")
    began = clock.now()
    before = Point(series, began - 1, {"heart_rate": 70.0})
    same = [Point(series, began + 5, {"heart_rate": 70.0 + n}) for n in range(3)]
    store.write([before, *same])
    numbers = {**NUMBERS, 'wardwatch_bridge_values_accepted_total{signal="heart_rate"}': 3.0}
    del numbers[SET_ASIDE]
    heart_rate = Signal(name="heart_rate", label="Heart rate", unit="/min", display="/min", measurement="vitals")

    def faults() -> list[str]:
        stored = stored_values(store, [heart_rate], began, clock.now() + SECOND)
        return Reconciliation(MONITORS, LOGGERS, numbers, stored).faults()

    assert faults() == ["3 values of heart_rate accepted, but 1 are there"]
    store.write([Point(series, point.at + n, point.fields) for n, point in enumerate(same)])
    assert faults() == []
    store.close()


def test_a_quantile_is_interpolated_between_buckets() -> None:
    buckets = [(0.1, 50.0), (0.2, 90.0), (0.4, 100.0), (float("inf"), 100.0)]
    assert [histogram_quantile(buckets, q) for q in (0.25, 0.5, 0.7, 0.95)] == pytest.approx([0.05, 0.1, 0.15, 0.3])
    assert histogram_quantile([(0.1, 0.0), (float("inf"), 5.0)], 0.5) == 0.1, (
        "a value in the last bucket counts as its lower bound"
    )


def test_each_stage_with_observations_has_a_line_of_latencies() -> None:
    metrics = Metrics()
    for _ in range(100):
        metrics.delay.labels("log").observe(0.02)
    (line,) = latency_lines(metrics)
    assert line.split() == ["latency", "durable", "in", "the", "log", "p50", "18", "ms", "p99", "25", "ms"]
