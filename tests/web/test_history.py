"""History: curves and last readings from the store, and invalid parameters."""

import pytest

from tests.web.scene import Scene
from ward.ports import Point, Series

BED = "/api/v1/beds/icu-01/readings"


def fill(scene: Scene) -> None:
    for i in range(60):
        scene.healthy("icu-01", ago=60 - i, heart_rate=60 + i)
    scene.tick(0)


def test_raw_readings_are_columns_of_equal_length_oldest_first(scene: Scene) -> None:
    fill(scene)
    found = scene.http.json(f"{BED}?signal=heart_rate&from=2025-11-24T15:59:50Z&to=2025-11-24T16:00:00Z")
    columns = found["readings"]
    assert columns["mean"] == columns["low"] == columns["high"] == list(range(110, 120))
    assert columns["at"][0] == "2025-11-24T15:59:50.000Z"
    assert (found["every"], found["display"], columns["count"]) == (None, "/min", [1] * 10)


def test_buckets_hold_mean_low_high_and_count(scene: Scene) -> None:
    fill(scene)
    columns = scene.http.json(f"{BED}?signal=heart_rate&every=30s")["readings"]
    assert columns["count"] == [30, 30]
    assert (columns["low"], columns["high"], columns["mean"]) == ([60, 90], [89, 119], [74.5, 104.5])


def test_implausible_values_are_separate(scene: Scene) -> None:
    scene.reading("mon-icu-01", ago=5, implausible={"spo2": 250.0}, heart_rate=70)
    found = scene.http.json(f"{BED}?signal=spo2")
    assert (found["readings"]["mean"], found["implausible"]["mean"]) == ([], [250])


def test_the_last_twenty_readings_of_a_signal_are_newest_first(scene: Scene) -> None:
    fill(scene)
    scene.reading("mon-icu-01", battery=44)
    vital = scene.http.json(f"{BED}?signal=heart_rate&last=20")["readings"]
    assert [reading["values"]["heart_rate"] for reading in vital] == list(range(119, 99, -1))
    own = scene.http.json(f"{BED}?signal=battery&last=20")["readings"]
    assert [reading["values"] for reading in own] == [{"battery": 44}]


def test_the_last_readings_of_all_signals_are_grouped_by_instant(scene: Scene) -> None:
    fill(scene)
    newest = scene.http.json(f"{BED}?last=2")["readings"]
    assert [sorted(reading["values"]) for reading in newest] == [
        ["diastolic_bp", "heart_rate", "respiratory_rate", "spo2", "systolic_bp", "temperature"]
    ] * 2


def test_the_last_readings_of_signals_with_different_instants_are_as_many_as_requested(scene: Scene) -> None:
    for ago in range(6, 0, -1):
        if ago % 2:
            scene.reading("mon-icu-01", ago=ago, battery=44)
        else:
            scene.reading("mon-icu-01", ago=ago, heart_rate=70)
    scene.tick(0)
    found = scene.http.json(f"{BED}?last=3")["readings"]
    assert [set(reading["values"]) for reading in found] == [{"battery"}, {"heart_rate"}, {"battery"}]


def test_a_device_has_a_history_of_its_own(scene: Scene) -> None:
    scene.reading("x7", heart_rate=190)
    scene.tick()
    found = scene.http.json("/api/v1/devices/x7/readings?last=20")["readings"]
    assert found == [{"at": "2025-11-24T16:00:00.000Z", "values": {"heart_rate": 190}}]
    assert scene.http.json("/api/v1/devices/x7/readings?signal=heart_rate")["readings"]["mean"] == [190]


def test_a_zone_with_a_space_instead_of_plus_is_accepted(scene: Scene) -> None:
    found = scene.http.json(f"{BED}?signal=spo2&from=2025-11-24T16:30:00+01:00&to=2025-11-24T16:00:00Z")
    assert found["start"] == "2025-11-24T15:30:00.000Z"


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        ("/api/v1/beds/icu-99", 404, "There is no bed 'icu-99': GET /api/v1/beds lists them."),
        ("/api/v1/beds/icu-99/readings?signal=spo2", 404, "There is no bed"),
        ("/api/v1/board?ward=none", 404, "There is no ward 'none'"),
        ("/api/v1/beds?ward=none", 404, "There is no ward"),
        (BED, 400, "Say which signal you want, such as signal=heart_rate"),
        (f"{BED}?signal=a/b", 400, "cannot name a signal"),
        (f"{BED}?signal=spo2&from=yesterday", 400, "must be an RFC 3339 time with a zone, such as"),
        (f"{BED}?signal=spo2&from=2025-11-24T16:00:00", 400, "must be an RFC 3339 time with a zone"),
        (f"{BED}?signal=spo2&to=2025-13-41T99:00:00Z", 400, "must be an RFC 3339 time"),
        (f"{BED}?signal=spo2&from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z", 400, "'from' must lie before 'to'."),
        (f"{BED}?signal=spo2&from=1999-01-01T00:00:00Z", 400, "more than a year"),
        (f"{BED}?signal=spo2&every=5", 400, "give it with its unit, such as 10s"),
        (f"{BED}?signal=spo2&every=-5s", 400, "give it with its unit"),
        (f"{BED}?signal=spo2&every=0s", 400, "give it with its unit"),
        (f"{BED}?last=0", 400, "must be a whole number from 1 to 1000."),
        (f"{BED}?last=1001", 400, "must be a whole number"),
        (f"{BED}?last=twenty", 400, "must be a whole number"),
        (f"{BED}?last=²", 400, "must be a whole number"),
        ("/api/v1/devices/nobody", 404, "There is no device 'nobody': GET /api/v1/devices lists them."),
        ("/api/v1/devices?unassigned=maybe", 400, "unassigned='maybe' must be one of true, false."),
        ("/api/v1/sparklines", 400, "Say which signal"),
        ("/api/v1/alerts?state=old", 400, "state='old' must be one of active, ended, all."),
        ("/api/v1/alerts?severity=extreme", 400, "must be one of high, medium, low."),
        ("/api/v1/alerts/none", 404, "There is no alert 'none'"),
        ("/api/v1/nothing", 404, "There is no such address"),
    ],
)
def test_a_wrong_parameter_is_refused_in_one_sentence_that_says_what_to_do(
    quiet: Scene, path: str, status: int, part: str
) -> None:
    answer = quiet.http.get(path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert part in answer.json()["error"]
    assert answer.json()["error"].endswith(".")


def test_a_query_with_too_many_rows_is_refused_in_one_sentence(scene: Scene) -> None:
    start = scene.clock.now()
    series = Series.of("vitals", ward="icu", bed="icu-01", device="mon-icu-01")
    scene.own.write([Point(series, start - i * 1000, {"spo2": 97.0}) for i in range(20_050)])
    answer = scene.http.get(f"{BED}?signal=spo2")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert "ask for a shorter time or wider buckets" in answer.json()["error"]


def test_devices_without_readings_and_unregistered_devices_are_listed(scene: Scene) -> None:
    scene.reading("x7", "icu", heart_rate=80)
    scene.tick()
    everyone = scene.http.json("/api/v1/devices")
    assert everyone["total"] == 20
    by_id = {device["id"]: device for device in everyone["devices"]}
    assert (by_id["mon-icu-01"]["last_seen"], by_id["mon-icu-01"]["bed"], by_id["mon-icu-01"]["registered"]) == (
        None, "icu-01", True,
    )  # fmt: skip
    assert by_id["x7"]["registered"] is False
    assert [d["id"] for d in scene.http.json("/api/v1/devices?unassigned=true")["devices"]] == ["x7"]
    assert scene.http.json("/api/v1/devices?unassigned=false")["total"] == 19
    assert scene.http.json("/api/v1/devices?ward=hdu&limit=2")["total"] == 9
    assert len(scene.http.json("/api/v1/devices?ward=hdu&limit=2")["devices"]) == 2
