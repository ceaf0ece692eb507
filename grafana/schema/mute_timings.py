"""`alerting/mute-timings.yaml`."""

from typing import Annotated, Literal

from pydantic import Field

from grafana.schema import NonEmpty, Strict

Time = Annotated[str, Field(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$")]
DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
Weekday = Annotated[str, Field(pattern=rf"^(?:{DAYS})(?::(?:{DAYS}))?$")]
Number = Annotated[str, Field(pattern=r"^-?\d{1,4}(?::-?\d{1,4})?$")]


class Times(Strict):
    start_time: Time
    end_time: Time


class Interval(Strict):
    """A time in which every given condition holds."""

    times: list[Times] = []
    weekdays: list[Weekday] = []
    days_of_month: list[Number] = []
    months: list[Number] = []
    years: list[Number] = []
    location: str = ""


class MuteTiming(Strict):
    orgId: Literal[1]
    name: NonEmpty
    time_intervals: Annotated[list[Interval], Field(min_length=1)]


class MuteTimingsFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    muteTimes: list[MuteTiming]
