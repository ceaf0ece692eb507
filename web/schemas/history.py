"""Answers about history, and the results of changes."""

from typing_extensions import TypedDict

from web.schemas.common import AlertSchema, SilenceSchema


class SparklineSchema(TypedDict):
    """A short curve: `after[i]` seconds after `start` it was `value[i]`."""

    bed: str
    start: str
    after: list[float]
    value: list[float]


class SparklinesSchema(TypedDict):
    """The last ten minutes of one signal at every bed."""

    at: str
    signal: str
    sparklines: list[SparklineSchema]


class ColumnsSchema(TypedDict):
    """A curve as columns of equal length; raw readings have mean = low = high and count 1."""

    at: list[str]
    mean: list[float]
    low: list[float]
    high: list[float]
    count: list[int]


class CurveSchema(TypedDict):
    """One signal over [start, end), raw (`every` is None) or in buckets of `every` seconds.

    `begins` is the first instant of the curve; None when there are readings in the thirty days before the range.
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


class ReadingSchema(TypedDict):
    """One reading: the values of one instant, by signal."""

    at: str
    values: dict[str, float]


class LatestReadingsSchema(TypedDict):
    """The newest readings, newest first."""

    at: str
    readings: list[ReadingSchema]


class DaySignalSchema(TypedDict):
    """One signal over one day."""

    mean: float
    low: float
    high: float


class DaySchema(TypedDict):
    """One day of a bed; `day` is its date in UTC. `completeness` is the share of expected readings that were received;
    `simulated` is true where any part of the day is a simulated past."""

    day: str
    completeness: float | None
    simulated: bool
    signals: dict[str, DaySignalSchema]


class TrendSchema(TypedDict):
    """A straight line through the daily means of a signal: `per_day` is its slope, `level` its value on the last day.

    At this slope it reaches `limit` in `days_to_limit` days; both are None where it reaches no limit. `simulated`
    is true where any of these days is a simulated past.
    """

    signal: str
    days: int
    level: float
    per_day: float
    limit: float | None
    days_to_limit: float | None
    simulated: bool


class DaysSchema(TypedDict):
    """The days of a bed, newest first, and its statistically significant trends."""

    at: str
    days: list[DaySchema]
    trends: list[TrendSchema]


class AlertsSchema(TypedDict):
    """A page of the active alerts by priority, then of the ended ones, newest first; `total` counts those of all pages.

    `offset` is how many are before the page. `store` says what is missing: the store fails, or has more.
    """

    at: str
    total: int
    offset: int
    alerts: list[AlertSchema]
    store: str


class OneAlertSchema(TypedDict):
    """One alert."""

    at: str
    alert: AlertSchema


class ActionResultSchema(TypedDict):
    """The action that was written, and its effect in words (`effect`)."""

    id: str
    alert: str
    effect: str


class SilencesSchema(TypedDict):
    """Active and pending silences, the earliest end first, then expired ones."""

    at: str
    silences: list[SilenceSchema]


class SilenceResultSchema(TypedDict):
    """A silence that was made or ended, and the effect in words (`effect`)."""

    id: str
    silence: SilenceSchema
    effect: str
