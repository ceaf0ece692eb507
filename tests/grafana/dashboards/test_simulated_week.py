"""The simulated week has data for every dashboard: two wards, every scenario and fault, acknowledgements."""

import pytest

from tests.grafana.filled_influxdb import FilledInfluxdb

pytestmark = pytest.mark.engines
MEASUREMENTS = {
    "vitals", "telemetry", "findings", "alerts", "episodes", "detector_curves", "pipeline", "quarantine", "overview",
    "overview_wards", "days", "ward_days", "trends", "scores",
}  # fmt: skip


def names(filled: FilledInfluxdb, query: str) -> set[str]:
    return {str(row.get("value", row.get("name"))) for row in filled.rows(query)}


def test_every_measurement_is_written(filled: FilledInfluxdb) -> None:
    assert names(filled, "SHOW MEASUREMENTS") >= MEASUREMENTS


def test_two_wards_with_twenty_beds_have_seven_days_of_vital_signs(filled: FilledInfluxdb) -> None:
    assert names(filled, "SHOW TAG VALUES FROM vitals WITH KEY = ward") == {"icu", "medical"}
    days = filled.rows(
        f"SELECT count(heart_rate) AS n FROM vitals WHERE time > {filled.start * 1000} AND time <= now() "
        "GROUP BY time(1d), bed fill(none)"
    )
    assert {row["bed"] for row in days} >= {"icu-01", "med-10"}
    whole = [row["n"] for row in days if row["bed"] == "icu-02"][1:-1]
    assert len(whole) == 6
    assert all(n > 400 for n in whole)


def test_there_are_physiological_and_technical_alerts_and_acknowledgements(filled: FilledInfluxdb) -> None:
    shown = "alertname, kind, acknowledged, acknowledged_after_s, active"
    rows = filled.rows(f"SELECT {shown} FROM facts.episodes WHERE time > {filled.start * 1000}")
    assert {row["alertname"] for row in rows} >= {
        "desaturation", "tachycardia", "hypotension", "fever", "signal-missing", "clock-slow", "device-rebooting",
    }  # fmt: skip
    assert {row["kind"] for row in rows} == {"physiological", "technical"}
    assert {row["active"] for row in rows} == {0, 1}
    assert sum(row["acknowledged"] for row in rows) > 10


def test_the_overview_has_a_place_for_each_bed_now(filled: FilledInfluxdb) -> None:
    rows = filled.rows(
        "SELECT bed, summary, level, spo2 FROM overview.overview"
        " WHERE ward = '_all' AND time > now() - 15s GROUP BY place"
    )
    assert {row["place"] for row in rows} == {f"{n:02}" for n in range(1, 21)}


def test_one_place_of_the_overview_is_queried_by_its_newest_point(filled: FilledInfluxdb) -> None:
    query = (
        "SELECT * FROM overview.overview WHERE ward = 'icu' AND place = '01' AND time > now() - 15s"
        " ORDER BY time DESC LIMIT 1"
    )
    (row,) = filled.rows(query)
    assert (row["ward_id"], row["place"]) == ("icu", "01")
    assert row["summary"]


def test_minutes_and_hours_are_rolled_up(filled: FilledInfluxdb) -> None:
    since = f"time > {filled.start * 1000 - 10**13} AND time <= now()"
    (raw,) = filled.rows(f"SELECT count(spo2) AS n FROM vitals WHERE {since}")
    for policy in ("minutes", "hours"):
        (row,) = filled.rows(f"SELECT sum(spo2_count) AS n FROM {policy}.vitals WHERE {since}")
        assert row["n"] == raw["n"]


def test_one_device_has_a_significant_trend(filled: FilledInfluxdb) -> None:
    since = f"time > {filled.start * 1000}"
    rows = filled.rows(
        f"SELECT device, signal, significant, per_day FROM facts.trends WHERE significant = 1 AND {since}"
    )
    drifting = [row for row in rows if (row["device"], row["signal"]) == ("mon-med-10", "temperature")]
    assert drifting
    assert 0.03 < drifting[-1]["per_day"] < 0.2
