"""The schemas that several answers share."""

from typing import Literal

from typing_extensions import TypedDict

from web.board.signal_values import Side, ValueState


class CodeSchema(TypedDict):
    """A value of a signal that has a meaning, and its words."""

    value: float
    text: str


class SignalSchema(TypedDict):
    """A signal of the catalogue; `unit` is UCUM, `display` the unit on screens, `scale` that of its small curves.

    `observed` is whether people observe and enter it, `lasting` whether it then holds for a whole stay. `low` to `high`
    is what is possible, null without a bound; `codes` are values with a meaning, `other_values` what all others mean,
    `caution` what whoever enters it must know.
    """

    signal: str
    label: str
    unit: str
    display: str
    precision: int
    vital: bool
    scale: list[float] | None
    observed: bool
    lasting: bool
    low: float | None
    high: float | None
    codes: list[CodeSchema]
    other_values: str
    caution: str


class AckSchema(TypedDict):
    """Who has an alert, since when, with which note, and from whom it was taken over, empty without one."""

    by: str
    at: str
    note: str
    taken_over_from: str


class ActionSchema(TypedDict):
    """An action of a person on an alert."""

    type: str
    by: str
    at: str
    note: str


class SilenceSchema(TypedDict):
    """A silence: its matchers, from when until when, by whom and why.

    `state` is pending, active or expired; `alert` is the id of the alert that it ends together with, or empty.
    `warnings` say why it mutes no alert, where its matchers name what the config does not have.
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
    warnings: list[str]


class InhibitorSchema(TypedDict):
    """An alert that inhibits another one."""

    id: str
    severity: str
    bed: str
    text: str


class RecipientSchema(TypedDict):
    """A receiver of an alert, with its channels."""

    receiver: str
    channels: list[str]


class ProblemSchema(TypedDict):
    """A channel that does not deliver, since when, and the alert about it."""

    channel: str
    since: str
    text: str
    alert: str


class SeverityChangeSchema(TypedDict):
    """From when on an alert had a severity."""

    severity: str
    at: str


class AlertSchema(TypedDict):
    """One episode of an alert. `ended` is why it ended, empty while it is active.

    `notified` is one sentence of who was sent a message, when, by which channels, and why or why not;
    `reason` is the last decision about its notifications, `notified_at` when the first of them was delivered.
    `recipients` are its receivers with their channels, `problems` those of these channels that do not deliver now.
    `silenced_by` and `inhibited_by` are ids, `silences` and `inhibitors` the same with details, where known.
    `value` was measured at `value_at`; `worst`, at `worst_at`, is the worst value since the beginning, `worst_text` the
    same with its unit; `peak_severity` is the highest severity so far, `peak_text` the condition at its worst, `course`
    the severities with their times.
    `source` is the detector that raised it, `external` for an alert of another system, empty where it is not known.
    `actions` are those of people. `simulated` is true of an alert of a simulated past: no patient was in that bed.
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
    signal_lost_since: str | None
    detected_late_s: float
    value: float | None
    limit: float | None
    value_at: str | None
    worst: float | None
    worst_text: str
    worst_at: str | None
    peak_severity: str
    peak_text: str
    course: list[SeverityChangeSchema]
    source: str
    labels: dict[str, str]
    annotations: dict[str, str]
    latched: str
    reason: str
    notified: str
    notified_at: str | None
    receivers: list[str]
    silenced_by: list[str]
    inhibited_by: list[str]
    recipients: list[RecipientSchema]
    problems: list[ProblemSchema]
    silences: list[SilenceSchema]
    inhibitors: list[InhibitorSchema]
    actions: list[ActionSchema]
    simulated: bool


class ConfigSchema(TypedDict):
    """The config in force, and the faults of the last edit.

    `waiting` is the hash of an edit that waits for a confirmation, empty without one; `faults` say why it waits, and
    `ends` has the ids of active alerts that it would end, and `closes` their texts, the most severe first.
    """

    hash: str
    faults: list[str]
    refused_at: str | None
    waiting: str
    ends: list[str]
    closes: list[str]


class BannerSchema(TypedDict):
    """A problem of the system itself."""

    level: Literal["bad", "warn"]
    text: str
    since: str | None


class CountSchema(TypedDict):
    """Numbers of active alerts; `high`, `medium` and `low` count unacknowledged ones."""

    active: int
    unacknowledged: int
    high: int
    medium: int
    low: int


class SimulatedPastSchema(TypedDict):
    """The simulated time before a demonstration. `written` is the share that is in the store, 1 when complete;
    `periods` are the seconds between two readings, by signal."""

    start: str
    end: str
    written: float
    periods: dict[str, float]


class StatusSchema(TypedDict):
    """The head of every page. `age`: seconds since the server last followed the log; beyond 10 its data are stale.

    `not_evaluated` is the number of beds whose readings the detectors do not evaluate now.
    """

    at: str
    age: float
    ready: bool
    counts: CountSchema
    not_evaluated: int
    config: ConfigSchema
    banners: list[BannerSchema]
    simulated_past: SimulatedPastSchema | None


class ValueSchema(TypedDict):
    """The latest value of a signal; `low` and `high` are the limits it crosses first, `beyond` the one it has crossed.

    `implausible` is a newer value that was rejected as implausible.
    """

    signal: str
    value: float | None
    text: str
    at: str | None
    age: float | None
    state: ValueState
    low: float | None
    high: float | None
    beyond: Side
    implausible: float | None
