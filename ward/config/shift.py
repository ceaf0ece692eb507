"""The shifts of a site: parts of a day in its time zone, which together cover it without gap or overlap."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from ward.clock import SECOND, Micros
from ward.config.base_model import ConfigModel
from ward.config.mute_time import TimeOfDay


class Shift(ConfigModel):
    """One shift of each day. It ends on the next day where `until` is not after `from`."""

    name: str = Field(min_length=1, max_length=40, description="its name on pages and in mails: night")
    from_: TimeOfDay = Field(alias="from", description='when it begins: "19:00"')
    until: TimeOfDay = Field(description='when it ends: "07:00"')


class ShiftSpan(NamedTuple):
    """One shift of one day: [start, end) in microseconds since 1970."""

    name: str
    start: Micros
    end: Micros


TWO_SHIFTS = (
    Shift.model_validate({"name": "day", "from": "07:00", "until": "19:00"}),
    Shift.model_validate({"name": "night", "from": "19:00", "until": "07:00"}),
)


def minute_of_day(time: str) -> int:
    """`07:30` → 450."""
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def shift_at(shifts: Sequence[Shift], zone: str, at: Micros) -> ShiftSpan:
    """The shift that an instant is in. Each shift ends when the next one begins, also where clocks are changed."""
    return next(span for span in reversed(_around(shifts, zone, at)) if span.start <= at)


def shift_before(shifts: Sequence[Shift], zone: str, at: Micros) -> ShiftSpan:
    """The last shift that has ended at an instant."""
    return shift_at(shifts, zone, shift_at(shifts, zone, at).start - 1)


def shifts_of(shifts: Sequence[Shift], zone: str, start: Micros, end: Micros) -> list[ShiftSpan]:
    """All shifts that begin in [start, end), oldest first."""
    found, span = [], shift_at(shifts, zone, end - 1)
    while span.start >= start:
        found.append(span)
        span = shift_at(shifts, zone, span.start - 1)
    return found[::-1]


def weekly_instant(weekday: int, time: str, zone: str, at: Micros) -> Micros:
    """The last `time` of a `weekday` (0 is Monday) in a time zone, at or before an instant."""
    today = local_day(zone, at)
    days = (today - dt.timedelta(days=(today.weekday() - weekday) % 7 + 7 * week) for week in range(2))
    return next(found for day in days if (found := instant_of_day(day, time, zone)) <= at)


def _around(shifts: Iterable[Shift], zone: str, at: Micros) -> list[ShiftSpan]:
    """The shifts of the days around an instant."""
    today, named = local_day(zone, at), list(shifts)
    days = [today + dt.timedelta(days=n) for n in range(-2, 4)]
    begins = sorted({instant_of_day(day, shift.from_, zone): shift.name for day in days for shift in named}.items())
    return [ShiftSpan(name, start, begins[i + 1][0]) for i, (start, name) in enumerate(begins[:-1])]


def local_day(zone: str, at: Micros) -> dt.date:
    """The day that an instant is on in a time zone."""
    return dt.datetime.fromtimestamp(at // SECOND, ZoneInfo(zone)).date()


def instant_of_day(day: dt.date, time: str, zone: str) -> Micros:
    """A time of a day in a time zone: the first one where clocks show it twice, an hour later where they skip it."""
    there = dt.datetime.combine(day, dt.time.fromisoformat(time), ZoneInfo(zone))
    return int(there.timestamp()) * SECOND
