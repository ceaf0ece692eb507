"""Who is notified by a calendar, and the alert about a calendar. Timelines begin at 16:00 UTC."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.test_on_call import FIRST, config
from tests.kit.alert_timeline import AlertTimeline, between, immediately
from ward.clock import SECOND, ManualClock
from ward.config.config import Config
from ward.config.on_call_calendar import CalendarSpan, OnCallCalendar
from ward.reason import Reason

NOW = ManualClock().now()
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
FAR = NOW + 60 * DAY
ADA, BEN = (
    CalendarSpan(NOW - DAY, NOW + 5 * MINUTE, ("ada",), (3,)),
    CalendarSpan(NOW + 5 * MINUTE, FAR, ("ben",), (9,)),
)
WELL = OnCallCalendar("on-call.ics", (ADA, BEN), FAR, read=True)
ROUTES = [{"matchers": ["kind=technical"], "receiver": "nurses"}]


def with_calendar(calendar: OnCallCalendar, shifts: list[dict[str, Any]] | None = None) -> Config:
    route = {"receiver": "on_call", "repeat_interval": "1d", "group_wait": "10s", "routes": ROUTES}
    schedules = [{"name": "doctors", "calendar": "on-call.ics", "shifts": shifts or []}]
    made = config(route=route, schedules=schedules)
    (schedule,) = made.alerting.schedules
    filled = made.alerting.model_copy(update={"schedules": (schedule.with_calendar(calendar),)})
    return dataclasses.replace(made, alerting=filled)


def about_calendars(timeline: AlertTimeline) -> list[tuple[str, str, bool]]:
    found = [alert for alert in timeline.published() if alert.labels["alertname"] == "on-call-calendar"]
    return [(str(alert.severity), alert.annotations["summary"], alert.active) for alert in found]


@pytest.mark.guarantee("Whoever an iCalendar file names is on call, and is sent open alerts when the shift begins.")
def test_whoever_the_calendar_names_is_notified_also_at_a_change_of_duty(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, with_calendar(WELL))
    timeline.at(10).raises("spo2_low")
    timeline.want(immediately(10), FIRST, "ada_sms")
    timeline.want(between(300, 301.5), FIRST, "ben_sms")
    timeline.run(600, every=0.5)
    assert about_calendars(timeline) == []


@pytest.mark.parametrize(
    ("calendar", "severity", "text"),
    [
        (
            dataclasses.replace(WELL, problem="on-call.ics:812: the file is cut off"), "medium",
            "Calendar of schedule doctors cannot be read, its last good copy is used: on-call.ics:812: the file is cut",
        ),
        (
            OnCallCalendar("on-call.ics", problem="on-call.ics:1: No such file"), "medium",
            "Calendar of schedule doctors cannot be read, there is no earlier copy of it, so nobody is on call by it",
        ),
        (
            dataclasses.replace(WELL, spans=(ADA,)), "low",
            "Calendar on-call.ics of schedule doctors names nobody after 2025-11-24 16:05:00 UTC: put later shifts",
        ),
        (
            dataclasses.replace(WELL, spans=(CalendarSpan(NOW - DAY, NOW - MINUTE, ("ada",), (3,)),)), "medium",
            "Calendar on-call.ics of schedule doctors names nobody any more since 2025-11-24 15:59:00 UTC: put later",
        ),
        (
            dataclasses.replace(WELL, spans=()), "medium",
            "Calendar on-call.ics of schedule doctors names nobody: put later shifts into it",
        ),
        (
            dataclasses.replace(WELL, notes=("on-call.ics:12: 'Dr Grey' is nobody of `people`", "on-call.ics:20: x")),
            "low",
            "An entry in the calendar of schedule doctors counts for nobody: on-call.ics:12: 'Dr Grey' is nobody of "
            "`people`, and 1 more",
        ),
    ],
)  # fmt: skip
def test_a_calendar_with_a_problem_is_an_alert_until_it_has_none(
    tmp_path: Path, calendar: OnCallCalendar, severity: str, text: str
) -> None:
    shifts = [{"people": ["ada"], "from": "00:00", "until": "00:00"}]
    timeline = AlertTimeline(tmp_path, with_calendar(calendar, shifts))
    timeline.at(60).reloads(with_calendar(WELL, shifts))
    timeline.advance_to(50, every=0.5)
    ((found, summary, active),) = set(about_calendars(timeline))
    assert (found, summary[: len(text)], active) == (severity, text, True)
    timeline.advance_to(120, every=0.5)
    assert [active for _, _, active in about_calendars(timeline)][-1] is False
    assert not any(alert.labels["alertname"] == "nobody-on-call" for alert in timeline.published())


def test_a_long_text_about_a_calendar_is_raised_once_and_not_changed_again_and_again(tmp_path: Path) -> None:
    timeline = AlertTimeline(
        tmp_path, with_calendar(dataclasses.replace(WELL, problem=f"on-call.ics:1: {'long ' * 70}"))
    )
    timeline.advance_to(30, every=0.5)
    assert timeline.reasons()[Reason.RAISED] == 1
    assert Reason.CHANGED not in timeline.reasons()


def test_a_calendar_that_ends_is_first_low_then_medium_and_then_the_shifts_hold(tmp_path: Path) -> None:
    shifts = [{"people": ["ben"], "from": "00:00", "until": "00:00"}]
    timeline = AlertTimeline(tmp_path, with_calendar(dataclasses.replace(WELL, spans=(ADA,)), shifts))
    timeline.at(310).raises("spo2_low")
    timeline.advance_to(400, every=0.5)
    found = [severity for severity, _, active in about_calendars(timeline) if active]
    assert (found[0], found[-1]) == ("low", "medium")
    assert [notified.channel for notified in timeline.notified if FIRST in str(notified)] == ["ben_sms"]


def test_without_a_calendar_and_shifts_the_channels_of_the_receiver_are_used(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, with_calendar(OnCallCalendar("on-call.ics", problem="on-call.ics:1: gone")))
    timeline.at(10).raises("spo2_low")
    timeline.advance_to(20, every=0.5)
    assert [notified.channel for notified in timeline.notified if FIRST in str(notified)] == ["telephone"]
    assert "nobody-on-call" in {alert.labels["alertname"] for alert in timeline.published()}


def test_a_calendar_that_has_not_been_read_yet_is_no_alert(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, with_calendar(OnCallCalendar()))
    timeline.advance_to(5, every=0.5)
    assert timeline.published() == []
