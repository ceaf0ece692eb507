"""The simulated past of the demo: complete, marked everywhere, and without effect on live data."""

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import pytest

from app.backtests.backtest import Backtest
from app.simulated_past.alerts import history
from app.simulated_past.week import Week
from app.simulated_past.writer import MOST_BEDS
from bridge.store_points.readings import ReadingPoints
from simulators.devices.bedside_monitors import SIGNALS
from simulators.devices.monitors_at_beds import scripted_monitors
from simulators.scripts.script import WardScript
from tests.app.small_past import DEVICES, NOW, PastWard, dump, script
from tests.config.test_shipped import shipped
from ward.clock import SECOND
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.ports import Point, Row, Series
from ward.reading import Reading
from ward.retention_policy import RetentionPolicy
from ward.simulated_past import SIMULATED, TAG, SimulatedPast, is_simulated, marked, recorded, simulated_past
from ward.topics import ACTIONS, ALERTS, DETECTOR_CURVES, FINDINGS, HEARTBEATS, QUARANTINE, READINGS
from ward.wire import READING_WIRE

HOUR, MINUTE, DAY = 3600 * SECOND, 60 * SECOND, 86_400 * SECOND
END = NOW // MINUTE * MINUTE
TOPICS = (READINGS, FINDINGS, ALERTS, ACTIONS, DETECTOR_CURVES, HEARTBEATS, QUARANTINE)
Dump = dict[tuple[str, RetentionPolicy | None], list[Row]]


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PastWard]:
    """One whose past is written."""
    made = PastWard.new(tmp_path_factory.mktemp("past"))
    made.steps = made.write()
    yield made
    made.close()


@pytest.fixture(scope="module")
def written(ward: PastWard) -> Dump:
    return dump(ward.store)


def test_every_device_has_a_reading_at_each_step(written: Dump) -> None:
    vitals, telemetry = written["vitals", None], written["telemetry", None]
    assert len(vitals) == 2 * 9 * 60
    assert {len(e.fields) for e in vitals} == {5, 6}  # without SpO2 while the probe is off
    assert sum("battery" in e.fields for e in telemetry) == 2 * 9 * 6
    assert sum("humidity" in e.fields for e in telemetry) == 2 * 9 * 4
    assert {e.tags["device"] for e in (*vitals, *telemetry)} == set(DEVICES)
    assert all(END - 9 * HOUR <= e.at < END for e in (*vitals, *telemetry))


def test_each_reading_has_the_series_that_the_bridge_gives_it(ward: PastWard) -> None:
    week = Week(ward.config, ward.past_script.restricted_to(["icu-01", "icu-02"], DEVICES[:2]), END - 9 * HOUR, END)
    for _ in week.simulate():
        pass
    bridge = ReadingPoints(ward.config)
    readings = [reading for monitor in (0, 1) for reading in week.readings(monitor, END - HOUR, END)]
    wanted = [marked(point) for reading in readings for point in bridge.points(reading)]
    found = [p for p in week.points(END - HOUR, END) if dict(p.series.tags)["device"] in DEVICES[:2]]
    assert sorted(found, key=str) == sorted(wanted, key=str)
    assert len(found) == 2 * 60 + 2 * 6


def test_minutes_are_the_readings_and_hours_their_means(written: Dump) -> None:
    raw, minutes, hours = (
        written["vitals", policy] for policy in (None, RetentionPolicy.MINUTES, RetentionPolicy.HOURS)
    )
    assert [(e.at // MINUTE, e.tags) for e in raw] == [(e.at // MINUTE, e.tags) for e in minutes]
    assert all(
        minute.fields["heart_rate"] == reading.fields["heart_rate"]
        for reading, minute in zip(raw, minutes, strict=True)
    )
    of = [e for e in raw if e.tags["device"] == DEVICES[0] and e.at // HOUR == END // HOUR - 2]
    (hour,) = [e for e in hours if e.tags["device"] == DEVICES[0] and e.at == (END // HOUR - 2) * HOUR]
    assert hour.fields["heart_rate"] == pytest.approx(mean(float(e.fields["heart_rate"]) for e in of))
    assert hour.fields["heart_rate_count"] == len(of) == 60
    assert max(e.at for e in hours) == (END // HOUR - 1) * HOUR, "the hour that goes on is the live roll-ups'"


def test_every_point_is_marked(written: Dump) -> None:
    for (name, _), rows in written.items():
        assert rows or name == "trends", name
        if name in ("days", "ward_days"):
            assert {e.fields.get("simulated") for e in rows if float(e.fields["received"])} == {1.0}, name
        else:
            assert all(is_simulated(row) for row in rows), name


def test_the_record_says_that_the_past_is_complete(ward: PastWard) -> None:
    past = simulated_past(ward.store)
    assert past is not None
    assert (past.start, past.end, past.complete) == (END - 9 * HOUR, END, True)
    assert (past.periods["heart_rate"], past.periods["battery"], past.periods["humidity"]) == (60.0, 600.0, 900.0)


def test_alerts_are_of_rules_acknowledged_by_staff_and_ended(written: Dump) -> None:
    last = {e.fields["id"]: e for e in sorted(written["alerts", None], key=lambda e: e.at)}
    names = {(e.tags["bed"], e.tags["alertname"]) for e in last.values()}
    assert {("icu-01", "desaturation"), ("icu-02", "bradycardia"), ("icu-02", "signal-missing")} <= names
    assert {e.tags["state"] for e in last.values()} == {"ended"}
    assert all(float(e.fields["ends_at"]) * SECOND < END for e in last.values())
    assert {e.fields.get("acknowledged_by") for e in last.values()} & {"Amal", "Birgit"}
    assert {e.fields["active"] for e in written["episodes", None]} == {0.0}
    assert all(e.fields["rank"] == 0.0 for e in written["active_alerts", None] if e.at == max(
        o.at for o in written["active_alerts", None] if o.tags == e.tags))  # fmt: skip


def test_every_finding_belongs_to_an_alert(written: Dump) -> None:
    ids = {e.fields["id"] for e in written["alerts", None]}
    assert {e.fields["episode"] for e in written["findings", None]} == ids


def test_nothing_is_written_to_the_log(ward: PastWard) -> None:
    """So no live detector, no alert, no notice and no counter can come from it."""
    for topic in TOPICS:
        assert not [batch for partition in ward.log.partitions(topic) for batch in ward.log.scan(partition)], topic


def test_writing_twice_gives_the_same_points(ward: PastWard, written: Dump) -> None:
    past = simulated_past(ward.store)
    assert past is not None
    writer = ward.writer(past)
    while not writer.done:
        writer.step(0)
    assert dump(ward.store) == written


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9, 0.99])
def test_after_a_kill_at_any_point_the_next_start_completes_the_past(
    share: float, tmp_path: Path, ward: PastWard, written: Dump
) -> None:
    killed = PastWard.new(tmp_path)
    killed.write(min(round(share * ward.steps), ward.steps - 1))
    past = simulated_past(killed.store)
    assert past is not None
    assert not past.complete
    half = dump(killed.store)
    assert half["alerts", None] in ([], written["alerts", None]), "alerts are there whole or not at all"
    killed.clock.advance(3 * 86_400)  # it is not the end of the past that moves
    killed.write()
    assert without_days(dump(killed.store)) == without_days(written)
    assert killed.begin() is None
    killed.close()


def without_days(found: Dump) -> Dump:
    """Days go on while the demo is away, and trends are of the hour in which they were made."""
    return {place: rows for place, rows in found.items() if place[0] not in ("days", "ward_days", "trends")}


def test_a_complete_past_is_not_written_again(ward: PastWard) -> None:
    assert ward.begin() is None


def test_a_used_data_folder_gets_no_past(tmp_path: Path) -> None:
    ward = PastWard.new(tmp_path)
    reading = Reading(device="x7", ward="w1", at=NOW, received_at=NOW, values={"heart_rate": 70.0})
    ward.log.send(READINGS, [("x7", READING_WIRE.encode(reading))])
    assert ward.begin() is None
    assert not recorded(ward.store)
    ward.close()


@pytest.mark.parametrize("measurement", ["vitals", "telemetry"])
def test_a_store_with_readings_gets_no_past(tmp_path: Path, measurement: str) -> None:
    ward = PastWard.new(tmp_path)
    ward.store.write([Point(Series.of(measurement, device="x7"), NOW - 40 * DAY, {"heart_rate": 70.0})])
    assert ward.begin() is None
    assert not recorded(ward.store)
    ward.close()


@pytest.mark.parametrize("fields", [{"start_s": 5.0}, {"start_s": 9.0, "end_s": 1.0, "written": 0.5}, {"note": "mine"}])
def test_an_unreadable_record_is_not_changed(tmp_path: Path, fields: dict[str, float | str]) -> None:
    ward = PastWard.new(tmp_path)
    ward.store.write([Point(Series.of("simulated_past"), 0, fields)])
    assert simulated_past(ward.store) is None
    assert ward.begin() is None
    assert not ward.store.last("vitals", "heart_rate", {}, 1)
    ward.close()


def test_a_ward_with_too_many_beds_gets_no_past(tmp_path: Path) -> None:
    ward = PastWard.new(tmp_path)
    assert ward.begin(beds=MOST_BEDS + 1) is None
    ward.close()


def test_live_readings_continue_where_the_past_ends(ward: PastWard, written: Dump) -> None:
    """No gap of more than two steps, none that overlap, and no jump beyond what a patient does by himself."""
    live = scripted_monitors(ward.config.inventory, WardScript(seed=20), NOW).advance(120)
    allowed = dict(zip(SIGNALS, (9, 11, 9, 1.5, 0.2, 4), strict=False))
    for i, device in enumerate(DEVICES[:2]):
        last = [e for e in written["vitals", None] if e.tags["device"] == device][-20:]
        assert END - 2 * MINUTE < last[-1].at < END <= NOW < live.at[0, i]
        for signal, most in allowed.items():
            before = mean(float(e.fields[signal]) for e in last)
            after = live.values[:, i, SIGNALS.index(signal)].mean()
            assert abs(before - after) <= most, signal


def test_a_drifting_thermometer_has_no_error_at_the_end_of_the_past(tmp_path: Path) -> None:
    drifting = {"at": "0s", "bed": 2, "fault": "slow_drift", "set": {"by": 0.3, "over": "7d", "first": -0.3}}
    ward = PastWard.new(tmp_path, script("7d", scenarios=[], faults=[drifting]))
    ward.write()
    found = ward.store.rows("trends", {"signal": "temperature"}, 0, 2 * NOW, 10)
    significant = {row.tags["device"]: row.fields for row in found if row.fields["significant"]}
    assert set(significant) == {"mon-icu-02"}
    assert {row.fields["simulated"] for row in found} == {1.0}
    assert significant["mon-icu-02"]["per_day"] == pytest.approx(0.3 / 7, abs=0.01)
    days = ward.store.rows("days", {"device": "mon-icu-02"}, 0, 2 * NOW, 20)
    whole = [row for row in days if row.at >= END - 7 * DAY and row.at + DAY <= END]
    assert [row.fields["completeness"] for row in whole] == [1.0] * 6
    assert not ward.store.rows("alerts", {}, 0, 2 * NOW, 1)
    ward.close()


def test_a_backtest_ignores_the_past(ward: PastWard) -> None:
    test = Backtest(ward.store, ward.config, END - 2 * HOUR, END, warm_up=0)
    for _ in test.run():
        pass
    assert test.readings == 0
    assert test.simulated > 200


def test_the_mark_is_a_tag_that_no_device_sends() -> None:
    past = SimulatedPast(start=0, end=HOUR)
    assert dict(past.point().series.tags) == {TAG: SIMULATED}
    assert past.contains(0)
    assert not past.contains(HOUR)


def test_a_high_alert_that_ends_before_anybody_comes_is_acknowledged_afterwards_and_in_the_history() -> None:
    """The shipped config latches it: without an acknowledgement it would never end, and not be in the history."""
    beds = range(20)
    episodes = [
        Finding(
            episode=f"e{bed}", transition=transition, rule="desaturation", detector="limits", kind=Kind.PHYSIOLOGICAL,
            severity=severity, onset=NOW, at=at, received_at=at, text="SpO2 80 % < 85", device=f"m{bed}", signal="spo2",
            bed=f"b{bed}", ward="icu", ended=EndReason.RECOVERED if transition is Transition.CLEARED else None,
        )
        for bed in beds
        for at, transition, severity in (
            (NOW, Transition.RAISED, Severity.HIGH),
            (NOW + 8 * SECOND, Transition.CHANGED, Severity.MEDIUM),
            (NOW + 15 * SECOND, Transition.CLEARED, Severity.MEDIUM),
        )
    ]  # fmt: skip
    found = [alert for part in history(shipped(), episodes, ["Amal", "Birgit"], seed=1) for alert in part]
    last = {alert.id: alert for alert in found}
    assert {*last} == {f"e{bed}" for bed in beds}
    assert {alert.ended for alert in last.values()} == {EndReason.RECOVERED}
    assert {alert.ack.by for alert in last.values() if alert.ack} == {"Amal", "Birgit"}
    assert all(alert.ack is not None and alert.ends_at == NOW + 15 * SECOND for alert in last.values())
