"""A simulated past: marked everywhere, and never the latest value of a bed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.scene import START, Scene
from ward.clock import SECOND
from ward.ports import Point, Series
from ward.simulated_past import SimulatedPast, mark, marked

MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
BED = Series.of("vitals", ward="icu", bed="icu-01", device="mon-icu-01", kind="bedside_monitor")
STATUS = "/api/v1/status"


def past(written: float = 1.0) -> SimulatedPast:
    return SimulatedPast(start=START - 7 * DAY, end=START - MINUTE, written=written, periods={"heart_rate": 60.0})


def write(scene: Scene, written: float = 1.0) -> None:
    """The record of a simulated past, an hour of heart rates, and an ended alert."""
    scene.own.write([past(written).point()])
    scene.own.write([Point(mark(BED), START - n * MINUTE, {"heart_rate": 60.0 + n}) for n in range(2, 60)])
    series = Series.of(
        "alerts", alertname="hypoxia", ward="icu", bed="icu-01", severity="high", kind="physiological", state="ended"
    )
    ended: dict[str, float | str] = {
        "id": "old", "summary": "ICU bed 1: SpO2 84 % < 88", "starts_at": (START - HOUR) / SECOND,
        "ends_at": (START - HOUR + MINUTE) / SECOND, "ended": "recovered", "acknowledged_by": "Amal",
    }  # fmt: skip
    scene.own.write([marked(Point(series, START - HOUR + MINUTE, ended))])


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Scene]:
    """A scene whose warm-up has not queried the store yet."""
    made = Scene(tmp_path)
    made.warmup._filled = False
    yield made
    made.close()


def test_the_status_has_start_end_and_written_share_of_a_simulated_past(empty: Scene) -> None:
    assert empty.http.json(STATUS)["simulated_past"] is None
    write(empty, 0.4)
    empty.tick()
    found = empty.http.json(STATUS)["simulated_past"]
    assert found == {
        "start": "2025-11-17T16:00:00.000Z", "end": "2025-11-24T15:59:00.000Z", "written": 0.4,
        "periods": {"heart_rate": 60.0},
    }  # fmt: skip
    assert empty.http.json("/api/v1/board")["status"]["simulated_past"] == found


def test_the_store_is_polled_until_the_simulated_past_is_complete(empty: Scene) -> None:
    write(empty, 0.4)
    empty.tick()
    empty.own.write([past(0.7).point()])
    empty.tick(1)
    assert empty.http.json(STATUS)["simulated_past"]["written"] == 0.7
    empty.own.write([past(1.0).point()])
    empty.tick(1)
    assert empty.warmup.step(0) == 0, "a complete past is not polled"
    assert empty.http.json(STATUS)["simulated_past"]["written"] == 1.0


def test_no_simulated_value_is_the_latest_value_of_a_bed(empty: Scene) -> None:
    write(empty)
    empty.tick()
    tile = empty.http.json("/api/v1/beds/icu-01")["bed"]
    assert {value["state"] for value in tile["values"]} == {"never"}
    empty.healthy("icu-01", heart_rate=71)
    empty.tick()
    values = {v["signal"]: v["value"] for v in empty.http.json("/api/v1/beds/icu-01")["bed"]["values"]}
    assert values["heart_rate"] == 71


def test_simulated_alerts_are_marked_in_the_history_and_live_ones_are_not(empty: Scene) -> None:
    write(empty)
    live = empty.alert("icu-02")
    empty.ended(live)
    empty.tick()
    found = {a["id"]: a["simulated"] for a in empty.http.json("/api/v1/alerts?state=all")["alerts"]}
    assert found == {"old": True, live.id: False}


def test_simulated_and_live_readings_are_one_curve(empty: Scene) -> None:
    write(empty)
    for n in range(10):
        empty.healthy("icu-01", ago=1 + n, heart_rate=70)
    found = empty.http.json("/api/v1/beds/icu-01/readings?signal=heart_rate")
    assert found["readings"]["mean"] == [*(60 + n for n in range(59, 1, -1)), *[70] * 10]


def test_a_curve_has_begins_only_when_there_is_no_older_reading(empty: Scene) -> None:
    at = f"/api/v1/beds/icu-01/readings?signal=heart_rate&from={'2025-11-24T15:30:00Z'}"
    empty.healthy("icu-01", ago=600)
    assert empty.http.json(at)["begins"] == "2025-11-24T15:50:00.000Z"
    assert empty.http.json(f"{at}&every=1m")["begins"] == "2025-11-24T15:50:00.000Z"
    assert empty.http.json("/api/v1/beds/icu-01/readings?signal=spo2&from=2025-11-24T15:50:00Z")["begins"] is None
    empty.healthy("icu-01", ago=5 * 3600)
    assert empty.http.json(at)["begins"] is None, "there are older readings"
    assert empty.http.json("/api/v1/beds/icu-02/readings?signal=heart_rate")["begins"] is None


def test_the_days_and_trends_of_a_bed(empty: Scene) -> None:
    tags = {"ward": "icu", "bed": "icu-01", "device": "mon-icu-01"}
    day = START // DAY * DAY
    numbers = {"temperature": 36.6, "temperature_min": 36.1, "temperature_max": 37.2, "completeness": 0.98}
    empty.own.write(
        [
            Point(Series.of("days", **tags, kind="bedside_monitor"), day, numbers),
            Point(Series.of("days", **tags, kind="bedside_monitor"), day - DAY, {**numbers, "simulated": 1.0}),
            Point(Series.of("trends", **tags, signal="temperature"), START - HOUR, {
                "days": 6.0, "level": 36.7, "per_day": 0.043, "significant": 1.0, "limit": 38.5, "days_to_limit": 42.0,
                "simulated": 1.0,
            }),
            Point(Series.of("trends", **tags, signal="spo2"), START - HOUR, {
                "days": 6.0, "level": 97.0, "per_day": 0.01, "significant": 0.0,
            }),
        ]
    )  # fmt: skip
    found = empty.http.json("/api/v1/beds/icu-01/days")
    assert [(d["day"], d["simulated"], d["completeness"]) for d in found["days"]] == [
        ("2025-11-24", False, 0.98), ("2025-11-23", True, 0.98),
    ]  # fmt: skip
    assert found["days"][0]["signals"] == {"temperature": {"mean": 36.6, "low": 36.1, "high": 37.2}}
    assert found["trends"] == [
        {"signal": "temperature", "days": 6, "level": 36.7, "per_day": 0.043, "limit": 38.5, "days_to_limit": 42.0,
         "simulated": True}
    ]  # fmt: skip
    assert empty.http.json("/api/v1/beds/icu-02/days")["days"] == []
    assert empty.http.get("/api/v1/beds/nowhere/days").status_code == 404
