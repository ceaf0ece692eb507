"""What a detector of a score reports for screens, besides the score that rules decide on."""

from typing import NamedTuple


class PartReport(NamedTuple):
    """A part of a score: its value and when it was measured, in seconds, NaN for none; its points, None where they are
    not known; and whether the value is too old to count."""

    signal: str
    value: float
    measured_at: float
    points: float | None
    too_old: bool = False


class ScoreReport(NamedTuple):
    """A score as people read it: `value` is None where parts are not known, then it is `at_least` so much, of `highest`
    at most. `observed_until` is the instant, in seconds, until when what people observe holds; NaN where nobody has
    observed it yet."""

    value: float | None
    at_least: float
    highest: float
    text: str
    response: str
    parts: tuple[PartReport, ...]
    observed_until: float
