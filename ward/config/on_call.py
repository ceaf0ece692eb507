"""Who is on call: people with their channels, and schedules of weekly shifts with overrides for single days."""

import datetime as dt
import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from ward.config.base_model import ConfigModel, TextList
from ward.config.mute_time import WEEKDAYS, TimeOfDay
from ward.config.on_call_calendar import OnCallCalendar

_MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d", re.ASCII)


def _not_midnight(text: str) -> str:
    if text == "24:00":
        raise ValueError('write midnight as "00:00"')
    return text


def _as_text(value: object) -> object:
    """YAML reads an unquoted date with seconds as a date; it is accepted where its seconds are 0."""
    whole = isinstance(value, dt.datetime) and value.tzinfo is None and not value.second and not value.microsecond
    return f"{value:%Y-%m-%d %H:%M}" if whole else value


def _local_minute(text: str) -> str:
    try:
        if _MINUTE.fullmatch(text):
            dt.datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise ValueError("not a local time such as 2026-12-24 19:00")


def _file_within(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not text.isprintable() or ":" in text or len(text) > 200:
        raise ValueError("not a file in the config folder, such as on-call.ics")
    if path.suffix.lower() != ".ics":
        raise ValueError("not an iCalendar file: its name ends with .ics")
    return text


ShiftTime = Annotated[TimeOfDay, AfterValidator(_not_midnight)]
# A minute in the time zone of the site.
LocalMinute = Annotated[str, BeforeValidator(_as_text), AfterValidator(_local_minute)]
CalendarPath = Annotated[str, AfterValidator(_file_within)]


class Person(ConfigModel):
    """A person who is on call at times, and the channels that reach this person alone."""

    name: str
    channels: TextList = Field(min_length=1, description="the channels that reach this person")
    calendar_names: TextList = Field(
        (), description="how calendars name this person, besides `name`: [Dr Ada Lovelace, ada@hospital.test]"
    )


class OnCallShift(ConfigModel):
    """Who is on call in one part of some days of each week. It ends on the next day where `until` is not later."""

    people: TextList = Field(min_length=1, description="who is on call; several are all notified")
    from_: ShiftTime = Field(alias="from", description='when it begins, in `timezone`: "19:00"')
    until: ShiftTime = Field(description='when it ends: "07:00"; on the next day where it is not after `from`')
    weekdays: TextList = Field((), description="the days on which it begins: [saturday, sunday]; left out, all")

    @field_validator("weekdays")
    @classmethod
    def _known_days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        if not set(days) <= set(WEEKDAYS):
            raise ValueError(f"not a day of the week: {', '.join(WEEKDAYS)}")
        return days


class OnCallOverride(ConfigModel):
    """Who is on call in one span of time in the place of whom the shifts name."""

    people: TextList = Field(min_length=1, description="who is on call instead")
    from_: LocalMinute = Field(alias="from", description='when it begins, in `timezone`: "2026-12-24 19:00"')
    until: LocalMinute = Field(description='when it ends: "2026-12-25 07:00"')

    @model_validator(mode="after")
    def _forwards(self) -> "OnCallOverride":
        if self.from_ >= self.until:
            raise ValueError("`until` must come after `from`")
        return self


class Schedule(ConfigModel):
    """Who is on call when: an override where there is one, otherwise the calendar, otherwise the shifts."""

    name: str
    shifts: tuple[OnCallShift, ...] = Field((), description="parts of the week; those that overlap hold together")
    overrides: tuple[OnCallOverride, ...] = Field((), description="spans with other people, as for a holiday or a swap")
    calendar: CalendarPath | None = Field(
        None, description="an iCalendar file in the config folder; the shifts hold where it names nobody"
    )
    _calendar: OnCallCalendar = PrivateAttr(default_factory=OnCallCalendar)

    @property
    def events(self) -> OnCallCalendar:
        """What the calendar says; nothing until it has been read."""
        return self._calendar

    def with_calendar(self, calendar: OnCallCalendar) -> "Schedule":
        """The schedule with what its calendar says."""
        copy = self.model_copy()
        copy._calendar = calendar
        return copy
