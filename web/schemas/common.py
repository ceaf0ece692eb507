"""The shapes shared by many answers."""

from typing import Literal

from typing_extensions import TypedDict

ValueState = Literal["live", "old", "never"]


class SignalSchema(TypedDict):
    """A signal of the catalogue; `unit` is UCUM, `display` what people read."""

    signal: str
    label: str
    unit: str
    display: str
    precision: int
    vital: bool


class AckSchema(TypedDict):
    """Who has an alert, since when, and what they said."""

    by: str
    at: str
    note: str


class ActionSchema(TypedDict):
    """Something a person did about an alert."""

    type: str
    by: str
    at: str
    note: str


class SilenceSchema(TypedDict):
    """A silence: who wants to hear nothing of what, from when until when, and why.

    `state` is pending, active or expired; `alert` is the alert it ends with, if there is one.
    """

    id: str
    state: str
    matchers: list[str]
    starts: str
    ends: str
    updated: str
    by: str
    comment: str
    alert: str


class InhibitorSchema(TypedDict):
    """An alert that keeps another one quiet."""

    id: str
    severity: str
    bed: str
    text: str


class WaySchema(TypedDict):
    """A receiver of an alert, with the channels that lead there."""

    receiver: str
    channels: list[str]


class ProblemSchema(TypedDict):
    """A channel that does not deliver, since when, and the alert that says so."""

    channel: str
    since: str
    text: str
    alert: str


class AlertSchema(TypedDict):
    """One incarnation of an alert. `text` says it in words; `ended` says why it is over.

    `reason` says what was last decided about telling people, `notified_at` when the first of them was
    told, `ways` who they are and how they are reached, `problems` which of these ways do not deliver
    now. `silenced_by` and `inhibited_by` name what keeps it quiet now, `silences` and `inhibitors`
    tell of those that are known here. `actions` is what people did. `simulated` is true of an alert of a
    simulated past: no patient was in that bed.
    """

    id: str
    fingerprint: str
    name: str
    state: str
    severity: str
    kind: str
    ward: str
    bed: str
    label: str
    device: str
    metric: str
    text: str
    since: str
    updated: str
    ends: str | None
    ended: str
    ack: AckSchema | None
    lost_since: str | None
    late: float
    value: float | None
    limit: float | None
    labels: dict[str, str]
    annotations: dict[str, str]
    latched: str
    reason: str
    notified_at: str | None
    receivers: list[str]
    silenced_by: list[str]
    inhibited_by: list[str]
    ways: list[WaySchema]
    problems: list[ProblemSchema]
    silences: list[SilenceSchema]
    inhibitors: list[InhibitorSchema]
    actions: list[ActionSchema]
    simulated: bool


class ConfigSchema(TypedDict):
    """The config in force, and what was wrong with the last edit."""

    hash: str
    faults: list[str]
    refused_at: str | None


class BannerSchema(TypedDict):
    """Something everyone must know about the system itself."""

    level: Literal["bad", "warn"]
    text: str
    since: str | None


class CountSchema(TypedDict):
    """Active alerts; `unacknowledged` are those nobody has."""

    active: int
    unacknowledged: int
    high: int
    medium: int
    low: int


class SimulatedPastSchema(TypedDict):
    """The time before a demonstration, which nobody measured. `written` is the share that is there, 1 when it is whole;
    `periods` are the seconds between two readings, by signal."""

    start: str
    end: str
    written: float
    periods: dict[str, float]


class StatusSchema(TypedDict):
    """The head of every page. `age` is how long ago the server last followed the log: beyond 10 s it is blind."""

    at: str
    age: float
    ready: bool
    counts: CountSchema
    config: ConfigSchema
    banners: list[BannerSchema]
    simulated_past: SimulatedPastSchema | None


class ValueSchema(TypedDict):
    """The newest value of a signal; `low` and `high` are the limits met first, `beyond` the one it has crossed.

    `implausible` is an implausible value that came after it, and is not to be believed.
    """

    signal: str
    value: float | None
    text: str
    at: str | None
    age: float | None
    state: ValueState
    low: float | None
    high: float | None
    beyond: Literal["", "low", "high"]
    implausible: float | None
