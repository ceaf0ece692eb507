"""Curves of detectors (score, mean, target, standard deviation) and humidity sums, as points of `detector_curves`."""

from collections.abc import Iterable

from ward.ports import Point, Series
from ward.wire import DetectorCurve


def detector_curve_points(score: DetectorCurve) -> Iterable[Point]:
    """One value of a curve or sum, with its fields and tags."""
    return (Point(Series.of("detector_curves", score=score.name, **score.tags), score.at, score.fields),)
