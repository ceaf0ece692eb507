"""Stored readings equal the archived ones, and episodes are distinguished."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

import app.backtests.stored_history
from app.backtests.episode import Episode
from app.backtests.episode_collector import EpisodeCollector, only_in
from app.backtests.stored_devices import StoredDevice, stored_devices
from app.backtests.stored_history import HOUR, StoredColumns, StoredHistory
from app.backtests.stored_readings import MEASUREMENTS, readings
from app.console.cli_context import config_of
from bridge.store_points.readings import ReadingPoints
from tests.app.calling import SHIPPED
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, Micros
from ward.finding import Finding, Kind, Severity, Transition
from ward.ports import Row, SeriesColumns
from ward.reading import Flag, Reading

AT: Micros = 1_764_000_000 * SECOND
PLAIN = Reading(
    device="mon-icu-01",
    ward="icu",
    at=AT,
    received_at=AT,
    device_kind="bedside_monitor",
    values={"spo2": 97.0, "battery": 80.0},
)


@pytest.mark.parametrize(
    "reading",
    [
        PLAIN,
        replace(PLAIN, implausible={"heart_rate": 400.0}),
        replace(PLAIN, lost=3, duplicates=2),
        replace(PLAIN, device_time=AT - 600 * SECOND, flags=int(Flag.CLOCK_SKEWED)),
        replace(PLAIN, device="x7", ward="theatre", device_kind="unknown", values={"flow": 4.0}),
        Reading(device="0-ZZZ12345678-08K", ward="imaging", at=AT, received_at=AT, device_kind="humidity_logger",
                attached="MRI-1", values={"humidity": 44.0}),
    ],
)  # fmt: skip
def test_a_stored_reading_equals_the_archived_one(tmp_path: Path, reading: Reading) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.write(list(ReadingPoints(config_of(SHIPPED, AT)).points(reading)))
    (window,) = StoredHistory(store, MEASUREMENTS).windows(AT, AT + 1)
    assert readings(window.content) == [reading]
    (columns,) = StoredColumns(store, MEASUREMENTS).windows(AT, AT + 1)
    (device,) = stored_devices(columns.content)
    store.close()
    assert device.readings == [reading]
    plain = not (reading.implausible or reading.lost or reading.flags)
    assert (device.columns is not None) is plain
    if device.columns is not None:
        assert device.columns.at.tolist() == [reading.at]
        assert dict(zip(device.columns.signals, device.columns.values[0].tolist(), strict=True)) == reading.values


def columns(at: list[int], place: str = "icu-01", **fields: list[float]) -> SeriesColumns:
    tags = {"device": "m1", "bed": place}
    return SeriesColumns(tags, np.array(at), {name: np.array(values) for name, values in fields.items()})


def test_points_of_one_instant_are_one_reading_in_columns() -> None:
    nan = np.nan
    both = StoredDevice(
        "m1", [columns([1, 2, 4], spo2=[97, nan, 95]), columns([2, 3], battery=[80, 79], lost_readings=[nan, nan])]
    )
    found = both.columns
    assert found is not None
    assert (found.at.tolist(), found.signals) == ([1, 2, 3, 4], ("battery", "spo2"))
    assert str(found.values.tolist()) == "[[nan, 97.0], [80.0, nan], [79.0, nan], [nan, 95.0]]"
    assert [(r.at, r.values) for r in both.readings] == [
        (1, {"spo2": 97.0}), (2, {"battery": 80.0}), (3, {"battery": 79.0}), (4, {"spo2": 95.0}),
    ]  # fmt: skip


def test_a_device_that_was_moved_or_lost_readings_has_no_columns() -> None:
    assert StoredDevice("m1", [columns([1], spo2=[97]), columns([2], "icu-02", spo2=[97])]).columns is None
    assert StoredDevice("m1", [columns([1, 2], spo2=[97, 96]), columns([2], lost_readings=[1])]).columns is None


def test_columns_are_read_in_shorter_windows_where_there_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.backtests.stored_history, "MOST_IN_COLUMNS", 100)
    store = SqliteStore(tmp_path / "store.db", durable=False)
    make = ReadingPoints(config_of(SHIPPED, AT))
    store.write([p for n in range(600) for p in make.points(replace(PLAIN, at=AT + n * SECOND, values={"spo2": 97.0}))])
    windows = list(StoredColumns(store, MEASUREMENTS).windows(AT, AT + HOUR))
    assert [w.start for w in windows[1:]] == [w.end for w in windows[:-1]]
    sizes = [sum(len(one.at) for one in window.content) for window in windows]
    assert (sum(sizes), max(sizes) <= 100) == (600, True)
    assert [w.content for w in StoredColumns(store, MEASUREMENTS, lambda _: False).windows(AT, AT + 1)] == [[]]
    store.close()


def test_windows_end_at_full_hours_and_are_complete(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    windows = list(StoredHistory(store, MEASUREMENTS).windows(AT + 5 * SECOND, AT + 2 * HOUR))
    store.close()
    assert [w.start for w in windows] == [AT + 5 * SECOND, *(w.end for w in windows[:-1])]
    assert windows[-1].end == AT + 2 * HOUR
    assert all(w.end % HOUR == 0 for w in windows[:-1])


def episode(start: float, end: float | None, device: str = "m1", rule: str = "fever") -> Episode:
    over = None if end is None else AT + round(end * SECOND)
    at = AT + round(start * SECOND)
    return Episode(rule, device, "temperature", "icu", "icu-01", Severity.LOW, at, at, "", over)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (episode(5, 20), True), (episode(-9, 0), True), (episode(10, None), True), (episode(11, 20), False),
        (episode(-9, -1), False), (episode(0, 10, device="m2"), False), (episode(0, 10, rule="hypothermia"), False),
    ],
)  # fmt: skip
def test_episodes_are_the_same_with_the_same_series_and_overlapping_times(other: Episode, same: bool) -> None:
    assert (list(only_in([episode(0, 10)], [other])) == []) is same
    assert (list(only_in([other], [episode(0, 10)])) == []) is same


def finding(transition: Transition, at: float, severity: Severity = Severity.LOW) -> Finding:
    when = AT + round(at * SECOND)
    return Finding(
        episode="e", transition=transition, rule="fever", detector="limits", kind=Kind.PHYSIOLOGICAL,
        severity=severity, onset=AT,
        at=when, received_at=when, text="Temperature 39 °C > 38.5", device="m1", signal="temperature", bed="icu-01",
    )  # fmt: skip


def test_an_episode_has_its_highest_severity_and_its_duration() -> None:
    found = EpisodeCollector(AT)
    for item in (
        finding(Transition.RAISED, 10),
        finding(Transition.CHANGED, 20, Severity.HIGH),
        finding(Transition.CHANGED, 30),
    ):
        found.add(item)
    found.add(finding(Transition.CLEARED, 40))
    found.finish(AT + 100 * SECOND)
    (only,) = found.listed
    assert (only.severity, only.duration(AT + 100 * SECOND), found.statistics_by_rule["fever"].median) == (
        Severity.HIGH,
        40,
        40,
    )


def test_unreadable_findings_of_the_store_are_counted() -> None:
    found = EpisodeCollector(AT)
    found.add_stored([Row(AT, {"transition": "lifted", "severity": "low"}, {}), Row(AT, {"transition": "raised"}, {})])
    found.finish(AT)
    assert (found.listed, found.unreadable) == ([], 2)
