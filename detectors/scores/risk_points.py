"""The points of the risk score: a model whose parts add up, read from a JSON file.

Each statistic of a stay has bands of values with points, and a band of its own for *not known*. The score is the sum:
10 points more double the odds of death in hospital, and 50 points are those of the average stay that it learned from.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detectors.base.columns import Floats, Ints
from detectors.scores.risk_course import QUANTITIES, STATISTICS

SHIPPED = Path(__file__).with_name("risk_model.json")
AGE = "age"
# What the score is made of, as people see it: each quantity with all its statistics, and age.
PARTS = (*QUANTITIES, AGE)
FEATURES = (*(f"{quantity}_{statistic}" for quantity in QUANTITIES for statistic in STATISTICS), AGE)
PER_DOUBLING, AVERAGE, TOP = 10.0, 50.0, 100.0


class BrokenModel(ValueError):
    """Raised for a file that is no model of this score: it says which file, and what is wrong."""


@dataclass(frozen=True)
class RiskPoints:
    """Bands and points of each feature, in the order of `FEATURES`.

    `edges` are the ascending bounds between bands; `points` begin with those of *not known* and have one more than
    there are bands. `intercept` and `slope` give the chance of death: 1/(1 + exp(−(intercept + slope·score))).
    """

    edges: Sequence[Floats]
    points: Sequence[Floats]
    intercept: float
    slope: float

    def of_parts(self, statistics: Floats, age: Floats) -> Floats:
        """The points of each of `PARTS`, (9, n).

        Args:
            statistics: (8, 6, n), those of `risk_course.statistics`.
            age: (n,), years, NaN where it is not known.
        """
        rows = np.concatenate((statistics.reshape(-1, statistics.shape[-1]), [age]))
        found = np.array([
            points[bands(row, edges)] for row, edges, points in zip(rows, self.edges, self.points, strict=True)
        ])  # fmt: skip
        by_quantity = found[:-1].reshape(len(QUANTITIES), len(STATISTICS), -1).sum(axis=1)
        return np.concatenate((by_quantity, found[-1:]))

    def chance(self, score: Floats) -> Floats:
        """The chance of death in hospital by a score, in patients as those that it learned from."""
        return np.asarray(1 / (1 + np.exp(-(self.intercept + self.slope * score))))


def bands(x: Floats, edges: Floats) -> Ints:
    """The band of each value of a feature, 0 for NaN. A value on an edge is in the band above it.

    >>> bands(np.array([np.nan, 1.0, 2.0, 9.0]), np.array([2.0, 5.0]))
    array([0, 1, 2, 3])
    """
    return np.where(np.isnan(x), 0, 1 + np.searchsorted(edges, x, side="right"))


def score(parts: Floats) -> Floats:
    """The score from 0 to 100 by the points of its parts, (9, n).

    >>> score(np.array([[4.0, 90.0, -70.0], [-1.0, 0.0, 0.0]]))
    array([ 53., 100.,   0.])
    """
    return np.asarray(np.clip(AVERAGE + parts.sum(axis=0), 0.0, TOP))


def load(path: Path = SHIPPED) -> RiskPoints:
    """Read a model.

    Raises:
        BrokenModel: when the file cannot be read, or is no model of this score.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return _model(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenModel(f"{path}: no model of the risk score: {type(error).__name__}: {error}") from error


def _model(found: Mapping[str, Any]) -> RiskPoints:
    bands = {entry["name"]: entry for entry in found["features"]}
    if missing := [name for name in FEATURES if name not in bands]:
        raise ValueError(f"features: {missing[0]} is missing")
    edges = [np.array(bands[name]["edges"], dtype=np.float64) for name in FEATURES]
    points = [np.array([bands[name]["not_known"], *bands[name]["points"]], dtype=np.float64) for name in FEATURES]
    for name, bounds, values in zip(FEATURES, edges, points, strict=True):
        if len(values) != len(bounds) + 2 or (np.diff(bounds) <= 0).any():
            raise ValueError(f"features: {name}: give ascending edges, and one more point than edges")
        if not (np.isfinite(bounds).all() and np.isfinite(values).all()):
            raise ValueError(f"features: {name}: not a finite number")
    calibration = found["calibration"]
    return RiskPoints(edges, points, float(calibration["intercept"]), float(calibration["slope"]))
