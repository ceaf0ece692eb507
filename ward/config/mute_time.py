"""Times in which alerts about equipment are not notified: planned maintenance, hours of an operating theatre."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ward.clock import SECOND, Micros
from ward.config.base_model import ConfigModel, TextList

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)


def _time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("not a time of day such as 07:30, or 24:00 for the end of the day")
    return text


def _day(value: object) -> object:
    """YAML reads an unquoted day as a date; both are accepted."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _date(text: str) -> str:
    try:
        if dt.date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ValueError("not a day such as 2026-12-05")


TimeOfDay = Annotated[str, AfterValidator(_time)]
Day = Annotated[str, BeforeValidator(_day), AfterValidator(_date)]


class TimeWindow(ConfigModel):
    """A part of a day in the zone `timezone`: of every day, of some days of the week, or of one day."""

    from_: TimeOfDay = Field("00:00", alias="from", description="when it begins: 07:30")
    until: TimeOfDay = Field("24:00", description="when it ends, on the same day; a night is two windows")
    weekdays: TextList = Field((), description="on which days of the week: [monday, friday]; left out, on all")
    on: Day | None = Field(None, description="on one day only: 2026-12-05")

    @model_validator(mode="after")
    def _whole(self) -> "TimeWindow":
        if self.from_ >= self.until:
            raise ValueError("`until` must come after `from`: a window over midnight is two windows")
        for day in self.weekdays:
            if day not in WEEKDAYS:
                raise ValueError(f"not a day of the week: {', '.join(WEEKDAYS)}")
        if self.on and self.weekdays:
            raise ValueError("give `weekdays` or `on`, not both")
        return self

    def contains(self, there: dt.datetime) -> bool:
        """Whether an instant, as local time, is in the window."""
        if self.on and there.date().isoformat() != self.on:
            return False
        if self.weekdays and WEEKDAYS[there.weekday()] not in self.weekdays:
            return False
        return self.from_ <= there.strftime("%H:%M") < self.until


class MuteTime(ConfigModel):
    """Named windows of time, to be used by routes for alerts about equipment."""

    name: str
    windows: tuple[TimeWindow, ...] = Field((), description="when; any one of them suffices")

    def contains(self, at: Micros, zone: str) -> bool:
        """Whether an instant (microseconds since 1970) is in one of the windows, in the time zone `zone`."""
        there = dt.datetime.fromtimestamp(at // SECOND, ZoneInfo(zone))
        return any(window.contains(there) for window in self.windows)


def muted(times: tuple[MuteTime, ...], names: tuple[str, ...], at: Micros, zone: str) -> Iterator[str]:
    """The names of those of `times` that are in `names` and that contain the instant `at`."""
    return (time.name for time in times if time.name in names and time.contains(at, zone))
