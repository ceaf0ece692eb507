"""Answers about what was."""

from typing_extensions import TypedDict

from web.schemas.common import AlertShape, SilenceShape


class TrailShape(TypedDict):
    """A short curve: `after[i]` seconds after `start` it was `value[i]`."""

    bed: str
    start: str
    after: list[float]
    value: list[float]


class TrailsShape(TypedDict):
    """The last ten minutes of one signal at every bed."""

    at: str
    signal: str
    trails: list[TrailShape]


class ColumnsShape(TypedDict):
    """A curve as columns of equal length; raw readings have mean = low = high and count 1."""

    at: list[str]
    mean: list[float]
    low: list[float]
    high: list[float]
    count: list[int]


class ReadingsShape(TypedDict):
    """One signal over [start, end), raw (`every` is None) or in buckets of `every` seconds."""

    signal: str
    label: str
    display: str
    start: str
    end: str
    every: float | None
    readings: ColumnsShape
    implausible: ColumnsShape


class LastShape(TypedDict):
    """One reading, with the signals that were measured at that instant."""

    at: str
    values: dict[str, float]


class LastsShape(TypedDict):
    """The newest readings, newest first."""

    at: str
    readings: list[LastShape]


class AlertsShape(TypedDict):
    """Alerts, the most needed first, then by their beginning. `store` says what is missing while the store is away."""

    at: str
    alerts: list[AlertShape]
    store: str


class OneAlertShape(TypedDict):
    """One alert with all that is known of it."""

    at: str
    alert: AlertShape


class ActionResultShape(TypedDict):
    """What was asked for, and what will happen."""

    id: str
    alert: str
    will: str


class SilencesShape(TypedDict):
    """Silences: those that hold or will, the one that ends first being first, then those that are over."""

    at: str
    silences: list[SilenceShape]


class HushShape(TypedDict):
    """A silence that was asked for or ended, and what will happen."""

    id: str
    silence: SilenceShape
    will: str
