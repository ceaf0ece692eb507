"""Shifts follow each other without gap or overlap, in every time zone and on days on which clocks are changed."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import examples
from ward.clock import SECOND, Micros, parse_instant
from ward.config.shift import TWO_SHIFTS, Shift, shift_at, shift_before, shifts_of, weekly_instant

BERLIN = "Europe/Berlin"
HOUR = 3600 * SECOND
THREE = tuple(
    Shift.model_validate({"name": name, "from": begin, "until": end})
    for name, begin, end in (("early", "06:00", "14:00"), ("late", "14:00", "22:00"), ("night", "22:00", "06:00"))
)


def local(at: Micros) -> str:
    return dt.datetime.fromtimestamp(at // SECOND, ZoneInfo(BERLIN)).strftime("%d %H:%M")


def test_an_instant_is_in_the_shift_of_its_local_time() -> None:
    span = shift_at(TWO_SHIFTS, BERLIN, parse_instant("2026-11-30T02:00:00Z"))

    assert (span.name, local(span.start), local(span.end)) == ("night", "29 19:00", "30 07:00")
    assert shift_at(TWO_SHIFTS, BERLIN, span.end).name == "day"  # the change belongs to the new shift
    assert shift_before(TWO_SHIFTS, BERLIN, span.end) == span


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 11), ("2026-10-25", 13)])
def test_a_night_in_which_clocks_are_changed_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    span = shift_at(TWO_SHIFTS, BERLIN, parse_instant(f"{day}T03:00:00Z"))

    assert (span.name, span.end - span.start) == ("night", hours * HOUR)
    assert local(span.end).endswith("07:00")


@settings(max_examples=examples(50, 2000), deadline=None)
@given(
    at=st.integers(0, 4_000_000_000), zone=st.sampled_from([BERLIN, "UTC", "Australia/Lord_Howe", "America/St_Johns"]),
    changes=st.lists(st.integers(0, 1439), min_size=1, max_size=5, unique=True).map(sorted),
)  # fmt: skip
def test_shifts_cover_all_time_once(at: int, zone: str, changes: list[int]) -> None:
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in changes]
    shifts = [
        Shift.model_validate({"name": begin, "from": begin, "until": end})
        for begin, end in zip(times, times[1:] + times[:1], strict=True)
    ]
    span = shift_at(shifts, zone, at * SECOND)
    following = shift_at(shifts, zone, span.end)

    assert span.start <= at * SECOND < span.end == following.start
    assert shift_before(shifts, zone, span.end) == span


def test_a_week_of_three_shifts_a_day_has_twenty_one_of_them() -> None:
    end = weekly_instant(0, "08:00", BERLIN, parse_instant("2026-11-30T12:00:00Z"))
    found = shifts_of(THREE, BERLIN, end - 7 * 24 * HOUR, end)

    assert local(end) == "30 08:00"
    assert [span.name for span in found[:3]] == ["late", "night", "early"]
    assert len(found) == 21


def test_the_weekly_instant_is_that_of_the_week_before_until_it_is_reached() -> None:
    monday = parse_instant("2026-11-30T07:00:00Z")

    assert weekly_instant(0, "08:00", BERLIN, monday) == monday
    assert weekly_instant(0, "08:00", BERLIN, monday - 1) == monday - 7 * 24 * HOUR
