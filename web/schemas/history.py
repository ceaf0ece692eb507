"""Answers about what was."""

from typing_extensions import TypedDict

from web.schemas.common import AlertSchema, SilenceSchema


class TrailSchema(TypedDict):
    """A short curve: `after[i]` seconds after `start` it was `value[i]`."""

    bed: str
    start: str
    after: list[float]
    value: list[float]


class TrailsSchema(TypedDict):
    """The last ten minutes of one signal at every bed."""

    at: str
    signal: str
    trails: list[TrailSchema]


class ColumnsSchema(TypedDict):
    """A curve as columns of equal length; raw readings have mean = low = high and count 1."""

    at: list[str]
    mean: list[float]
    low: list[float]
    high: list[float]
    count: list[int]


class ReadingsSchema(TypedDict):
    """One signal over [start, end), raw (`every` is None) or in buckets of `every` seconds.

    `begins` is the first reading of all, where it lies in this range: before it there was none in thirty days.
    """

    signal: str
    label: str
    display: str
    start: str
    end: str
    every: float | None
    begins: str | None
    readings: ColumnsSchema
    implausible: ColumnsSchema


class LastSchema(TypedDict):
    """One reading, with the signals that were measured at that instant."""

    at: str
    values: dict[str, float]


class LastsSchema(TypedDict):
    """The newest readings, newest first."""

    at: str
    readings: list[LastSchema]


class DaySignalSchema(TypedDict):
    """One signal over one day."""

    mean: float
    low: float
    high: float


class DaySchema(TypedDict):
    """One day of a bed, in UTC. `completeness` is the share of the expected readings that came, `simulated` whether
    any part of the day is a simulated past."""

    day: str
    completeness: float | None
    simulated: bool
    signals: dict[str, DaySignalSchema]


class TrendSchema(TypedDict):
    """A signal's daily means as a straight line: `per_day` is its slope, `level` where it is on the last day.

    `limit` would be reached in `crosses_in_days`, if it goes on like that; None where it goes to no limit.
    `simulated` is true where any of these days is a simulated past.
    """

    signal: str
    days: int
    level: float
    per_day: float
    limit: float | None
    crosses_in_days: float | None
    simulated: bool


class DaysSchema(TypedDict):
    """The days of a bed, the newest first, and the trends that are no chance."""

    at: str
    days: list[DaySchema]
    trends: list[TrendSchema]


class AlertsSchema(TypedDict):
    """Alerts, the most needed first, then by their beginning. `store` says what is missing while the store is away."""

    at: str
    alerts: list[AlertSchema]
    store: str


class OneAlertSchema(TypedDict):
    """One alert with all that is known of it."""

    at: str
    alert: AlertSchema


class ActionResultSchema(TypedDict):
    """What was asked for, and what will happen."""

    id: str
    alert: str
    will: str


class SilencesSchema(TypedDict):
    """Silences: those that hold or will, the one that ends first being first, then those that are over."""

    at: str
    silences: list[SilenceSchema]


class HushSchema(TypedDict):
    """A silence that was asked for or ended, and what will happen."""

    id: str
    silence: SilenceSchema
    will: str
