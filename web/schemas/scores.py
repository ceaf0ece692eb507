"""Schemas of the scores of patients."""

from typing_extensions import TypedDict


class ScorePartSchema(TypedDict):
    """A value that a score is made from, measured or observed at `at`; `points` is null where they are not known."""

    signal: str
    label: str
    value: float | None
    at: str | None
    points: float | None


class ObservationResultSchema(TypedDict):
    """The id of the observation, the bed, and what it does, in words."""

    id: str
    bed: str
    effect: str


class ScoreSchema(TypedDict):
    """A score at `at`. Where parts are not known `value` is null, and it is `at_least` so much.

    `current` says whether it is evaluated now. `severity` is that which its rule holds now, empty for none.
    `observed_until` is until when what people observe holds, null where nobody has observed it yet.
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
    parts: list[ScorePartSchema]
