"""Mute times: equipment is quiet in its hours, patients never are."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.clock import SECOND, parse_instant
from ward.config.mute_time import MuteTime

# A Monday.
NOON = parse_instant("2025-11-24T12:00:00Z")


def config(until: str = "12:02", start: str = "11:00", **alerting: Any) -> Any:
    times = [{"name": "noon", "windows": [{"weekdays": ["monday"], "from": start, "until": until}]}]
    routes = {"receiver": "nurses", "group_wait": "0s", "routes": [{"matchers": ["ward=icu"], "mute": ["noon"]}]}
    return ward_config(**{"route": routes, "mute_times": times, **alerting})


def timeline(tmp_path: Path, config: Any) -> AlertTimeline:
    made = AlertTimeline(tmp_path, config)
    made.clock.step((NOON - made.clock.now()) / SECOND)
    made.began = made.clock.now()
    return made


def test_a_muted_technical_alert_is_sent_when_the_mute_time_ends(tmp_path: Path) -> None:
    stage = timeline(tmp_path, config())
    stage.at(10).raises("silent", bed=7, kind="technical").raises("silent", bed=8, kind="technical")
    stage.at(60).clears("silent", bed=8)
    stage.want(between(120, 121), "HIGH priority, ICU bed 7")
    stage.run(150)


def test_a_physiological_alert_is_never_muted(tmp_path: Path) -> None:
    stage = timeline(tmp_path, config())
    stage.at(10).raises("spo2_low", bed=7)
    stage.want(immediately(10), "HIGH priority, ICU bed 7")
    stage.run(30)


def test_other_wards_and_other_hours_are_not_muted(tmp_path: Path) -> None:
    stage = timeline(tmp_path, config(until="11:30"))
    stage.at(10).raises("silent", bed=7, kind="technical")
    stage.want(immediately(10), "HIGH priority, ICU bed 7")
    stage.run(30)


def test_an_end_is_sent_in_a_mute_time_too(tmp_path: Path) -> None:
    stage = timeline(tmp_path, config(start="12:01", until="12:10"))
    stage.at(10).raises("silent", bed=7, kind="technical")
    stage.want(immediately(10), "HIGH priority, ICU bed 7")
    stage.at(90).clears("silent", bed=7)
    stage.want(between(90, 151), "ALERT ENDED, ICU bed 7")
    stage.run(200)


def test_of_two_routes_only_the_muted_one_is_muted(tmp_path: Path) -> None:
    """The technicians hear of it when their hours are over, the nurses at once."""
    people: dict[str, Any] = {
        "channels": [{"name": name, "urls": ["json://127.0.0.1:9"]} for name in ("nurse", "technician")],
        "receivers": [{"name": "nurses", "channels": ["nurse"]}, {"name": "technicians", "channels": ["technician"]}],
    }
    routes = [
        {"matchers": ["kind=technical"], "receiver": "technicians", "mute": ["noon"], "continue": True},
        {"matchers": ["ward=icu"]},
    ]
    stage = timeline(tmp_path, config(**people, route={"receiver": "nurses", "group_wait": "0s", "routes": routes}))
    stage.at(10).raises("silent", bed=7, kind="technical")
    stage.want(immediately(10), "HIGH priority, ICU bed 7", channel="nurse")
    stage.want(between(120, 121), "HIGH priority, ICU bed 7", channel="technician")
    stage.run(150)


@pytest.mark.parametrize(("start", "until", "quiet"), [("11:00", "12:02", False), ("12:30", "13:30", True)])
def test_mute_times_are_in_the_zone_of_the_site(tmp_path: Path, start: str, until: str, quiet: bool) -> None:
    stage = timeline(tmp_path, config(start=start, until=until, timezone="Europe/Berlin"))  # it is 13:00 there
    stage.at(10).raises("silent", bed=7, kind="technical")
    if not quiet:
        stage.want(immediately(10), "HIGH priority, ICU bed 7")
    stage.run(30)


@pytest.mark.parametrize(
    ("window", "at", "holds"),
    [
        ({}, "2025-11-24T23:59:59Z", True),
        ({"from": "13:00"}, "2025-11-24T12:00:00Z", True),  # 13:00 in Berlin
        ({"from": "13:00"}, "2025-11-24T11:59:59Z", False),
        ({"until": "13:00"}, "2025-11-24T12:00:00Z", False),
        ({"weekdays": ["tuesday"]}, "2025-11-24T23:00:00Z", True),  # it is Tuesday there
        ({"weekdays": ["monday"]}, "2025-11-24T23:00:00Z", False),
        ({"on": "2025-11-25"}, "2025-11-24T23:00:00Z", True),
        ({"on": "2025-11-24"}, "2025-11-24T23:00:00Z", False),
    ],
)  # fmt: skip
def test_a_mute_time_is_of_the_weekday_and_hour_of_the_site(window: dict[str, Any], at: str, holds: bool) -> None:
    time = MuteTime.model_validate({"name": "x", "windows": [window]})
    assert time.contains(parse_instant(at), "Europe/Berlin") is holds


def test_the_days_of_a_week_cover_it_exactly_once() -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    times = [MuteTime.model_validate({"name": day, "windows": [{"weekdays": day}]}) for day in days]
    for hour in range(24 * 7):
        at = NOON + hour * 3600 * SECOND
        there = dt.datetime.fromtimestamp(at // SECOND, dt.UTC)
        assert [t.name for t in times if t.contains(at, "UTC")] == [days[there.weekday()]]
