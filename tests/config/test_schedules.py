"""Who is on call by a schedule, at every instant of a year."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.kit.examples import examples
from ward.clock import SECOND, Micros, format_instant, parse_instant
from ward.config.matcher_reach import MatcherReach
from ward.config.mute_time import WEEKDAYS
from ward.config.on_call import Schedule
from ward.config.schedules import next_change, on_call
from ward.config.weekly_gaps import weekly_gaps
from ward.inventory import Inventory
from ward.matcher import Matcher
from ward.signals import Catalogue

BERLIN = "Europe/Berlin"
YEAR = parse_instant("2026-01-01T00:00:00Z")
MINUTE = 60 * SECOND
MINUTES = 365 * 24 * 60
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday"]
OVERRIDE = {"people": ["dora"], "from": "2026-03-28 19:00", "until": "2026-03-29 07:00"}
SHIFTS: list[dict[str, Any]] = [
    {"people": ["ada"], "weekdays": WEEK, "from": "07:00", "until": "19:00"},
    {"people": ["ben"], "weekdays": WEEK[:4], "from": "19:00", "until": "07:00"},
    {"people": ["cleo", "ben"], "weekdays": ["friday"], "from": "19:00", "until": "07:00"},
    {"people": ["cleo"], "weekdays": ["saturday"], "from": "07:00", "until": "07:00"},
]
SCHEDULE = Schedule.model_validate({"name": "doctors", "shifts": SHIFTS, "overrides": [OVERRIDE]})


def expected(at: Micros) -> set[str]:
    """By the wall clock of the site: no shift of these changes in an hour that is shown twice."""
    there = dt.datetime.fromtimestamp(at // SECOND, ZoneInfo(BERLIN))
    if "2026-03-28 19:00" <= there.strftime("%Y-%m-%d %H:%M") < "2026-03-29 07:00":
        return {"dora"}
    day, before = WEEKDAYS[there.weekday()], WEEKDAYS[there.weekday() - 1]
    morning, evening = there.hour < 7, there.hour >= 19
    if (day == "saturday" and not morning) or (day == "sunday" and morning):
        return {"cleo"}
    if day == "sunday" or (day == "monday" and morning):
        return set()
    if not morning and not evening:
        return {"ada"}
    begun = before if morning else day
    return {"cleo", "ben"} if begun == "friday" else {"ben"}


@pytest.mark.guarantee(
    "At every instant exactly those people are on call whom the schedule names, also where clocks change."
)
def test_at_every_instant_of_a_year_those_are_on_call_whom_the_schedule_names() -> None:
    for at in range(YEAR, YEAR + MINUTES * MINUTE, examples(37, many=1) * MINUTE):
        assert set(on_call(SCHEDULE, BERLIN, at)) == expected(at), format_instant(at)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_each_quarter_of_an_hour_around_a_change_of_clocks_is_as_the_schedule_says(day: str) -> None:
    start = parse_instant(f"{day}T00:00:00Z") - 24 * 3600 * SECOND

    for at in range(start, start + 72 * 3600 * SECOND, 900 * SECOND):
        assert set(on_call(SCHEDULE, BERLIN, at)) == expected(at)


def test_until_the_next_change_the_same_people_are_on_call() -> None:
    for at in range(YEAR, YEAR + MINUTES * MINUTE, examples(3001, many=101) * MINUTE):
        change = next_change(SCHEDULE, BERLIN, at)
        assert change is not None
        assert set(on_call(SCHEDULE, BERLIN, change[0] - 1)) == set(on_call(SCHEDULE, BERLIN, at))
        assert set(change[1]) == expected(change[0]) != expected(at)


def test_a_shift_that_changes_in_the_hour_shown_twice_changes_at_its_first_time() -> None:
    shifts = [
        {"people": ["ada"], "from": "14:30", "until": "02:30"},
        {"people": ["ben"], "from": "02:30", "until": "14:30"},
    ]
    schedule = Schedule.model_validate({"name": "doctors", "shifts": shifts})
    twice = parse_instant("2026-10-25T00:30:00Z")  # 02:30 CEST; 02:30 CET is an hour later
    skipped = parse_instant("2026-03-29T01:30:00Z")  # 03:30 CEST, for there is no 02:30

    for change in (twice, skipped):
        assert (on_call(schedule, BERLIN, change - 1), on_call(schedule, BERLIN, change)) == (("ada",), ("ben",))


def test_the_gaps_of_a_week_are_named() -> None:
    assert weekly_gaps(SCHEDULE) == ["from sunday 07:00 to monday 07:00"]
    assert weekly_gaps(Schedule.model_validate({"name": "x", "overrides": [OVERRIDE]})) == ["all week"]
    without = [{**SHIFTS[3], "weekdays": []}]
    assert weekly_gaps(Schedule.model_validate({"name": "x", "shifts": without})) == []


def test_a_matcher_of_the_label_schedule_matches_alerts_of_ours() -> None:
    reach = MatcherReach.of(Inventory(), Catalogue(), [], [])

    assert list(reach.unknown_values([Matcher("schedule", "=", "doctors")])) == []
    assert [words for _, words in reach.unknown_values([Matcher("shedule", "=", "doctors")])] == [
        "alerts of ours have no label 'shedule'; did you mean 'schedule'?"
    ]
