"""Schemas of the scores of patients."""

from typing import Literal

from typing_extensions import TypedDict

from web.model.score_history import Direction

PartState = Literal["known", "old", "never"]


class ScorePartSchema(TypedDict):
    """A value that a score is made from, measured or observed at `at`; `points` is null where they are not known.

    `text` is the value in words, empty without one. `state` is `old` where the value is too old for the score, `never`
    where there is none. `observed` is whether people observe it.
    """

    signal: str
    label: str
    value: float | None
    text: str
    at: str | None
    points: float | None
    state: PartState
    observed: bool


class ScoreTrendSchema(TypedDict):
    """How a score has changed: it was `before` at `since`, one to four hours ago, with the same parts known."""

    since: str
    before: float
    direction: Direction


class ObservedSchema(TypedDict):
    """The newest observation of a signal, by a person or, where `device` is true, by a device at the bed.

    `text` is the value in words. All but signal and label are null or empty where there is none.
    """

    signal: str
    label: str
    value: float | None
    text: str
    at: str | None
    by: str
    device: bool
    note: str


class ObservationsSchema(TypedDict):
    """The newest observation of each signal that people observe, of the patient who is in the bed now."""

    at: str
    bed: str
    patient: str
    observations: list[ObservedSchema]


class ScoreCurveSchema(TypedDict):
    """One score over time, as columns of equal length: `value` is null where parts were not known."""

    rule: str
    name: str
    label: str
    at: list[str]
    at_least: list[float]
    value: list[float | None]


class ScoreCurvesSchema(TypedDict):
    """The scores of a bed over [start, end), raw (`every` is null) or the highest in buckets of `every` seconds. The
    curves begin with the stay of the patient."""

    at: str
    start: str
    end: str
    every: float | None
    scores: list[ScoreCurveSchema]


class ObservationResultSchema(TypedDict):
    """The id of the observation, the bed, and what it does, in words."""

    id: str
    bed: str
    effect: str


class UnknownScoreSchema(TypedDict):
    """A score of which nothing is known yet."""

    rule: str
    name: str
    label: str


class ScoreSchema(TypedDict):
    """A score at `at`. Where parts are not known `value` is null, and it is `at_least` so much.

    `current` says whether it is evaluated now. `severity` is that which its rule holds now, empty for none.
    `observed_until` is until when what people observe holds, null where nobody has observed it yet. `trend` is null
    where no score of one to four hours ago is comparable.
    """

    rule: str
    name: str
    label: str
    at: str
    current: bool
    value: float | None
    at_least: float
    highest: float
    severity: str
    text: str
    response: str
    observed_until: str | None
    trend: ScoreTrendSchema | None
    parts: list[ScorePartSchema]
