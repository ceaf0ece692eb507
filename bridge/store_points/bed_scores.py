"""Scores of patients as points of `scores`, once a minute."""

from collections.abc import Iterable

from ward.clock import SECOND
from ward.ports import Point, Series
from ward.score import BedScore

# The detectors send each score once in so many seconds.
_EVERY = 10


def bed_score_points(score: BedScore) -> Iterable[Point]:
    """A score with the points of its parts that are known, at the first of its records in each minute."""
    if score.at // SECOND % 60 >= _EVERY:
        return ()
    fields: dict[str, float | str] = {"at_least": score.at_least, "text": score.text}
    if score.value is not None:
        fields["value"] = score.value
    fields |= {f"points_{part.signal}": part.points for part in score.parts if part.points is not None}
    series = Series.of("scores", score=score.name, rule=score.rule, ward=score.ward, bed=score.bed)
    return (Point(series, score.at, fields),)
