"""How well chances separate and foresee outcomes: discrimination and calibration."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats

Outcomes = npt.NDArray[np.bool_]


def auroc(score: Floats, outcome: Outcomes) -> float:
    """The chance that of two stays, one with and one without the outcome, the first has the higher score; ties count
    half. Hanley, J. A. and McNeil, B. J. (1982), Radiology 143, 29–36.

    >>> auroc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True]))
    0.875
    """
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    ill, well = int(outcome.sum()), int((~outcome).sum())
    return float((rank[outcome].sum() - ill * (ill + 1) / 2) / (ill * well))


def brier(chance: Floats, outcome: Outcomes) -> float:
    """The mean squared distance of chances from outcomes. Brier, G. W. (1950), Monthly Weather Review 78, 1–3.

    >>> round(brier(np.array([0.9, 0.2]), np.array([True, False])), 6)
    0.025
    """
    return float(np.mean((chance - outcome) ** 2))


def event_1(score: Floats, outcome: Outcomes) -> float:
    """The first score of the challenge of 2012: the smaller of sensitivity and positive predictive value, at the
    threshold where it is largest.

    >>> event_1(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, False, True]))
    0.5
    """
    order = np.argsort(-score, kind="stable")
    found = np.cumsum(outcome[order])
    flagged = np.arange(1, len(order) + 1)
    whole = np.append(np.diff(score[order]) != 0, True)  # a threshold cannot split equal scores
    return float(np.minimum(found / outcome.sum(), found / flagged)[whole].max())


def recalibration(log_odds: Floats, outcome: Outcomes) -> tuple[float, float]:
    """Intercept and slope of a logistic regression of the outcome on log-odds: (0, 1) is calibrated.

    Cox, D. R. (1958), Two further applications of a model for binary regression, Biometrika 45, 562–565.
    """
    design, beta = np.column_stack([np.ones(len(log_odds)), log_odds]), np.array([0.0, 1.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(design @ beta)))
        step = np.linalg.solve((design.T * (chance * (1 - chance))) @ design, design.T @ (outcome - chance))
        beta += step
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[0]), float(beta[1])


@dataclass(frozen=True)
class ReliabilityBand:
    """Stays with similar chances: how many, the mean of their chances, and the share with the outcome."""

    count: int
    expected: float
    observed: float


def reliability(chance: Floats, outcome: Outcomes, groups: int = 10) -> Iterator[ReliabilityBand]:
    """Groups of equally many stays by their chance, the lowest first."""
    for rows in np.array_split(np.argsort(chance, kind="stable"), groups):
        yield ReliabilityBand(len(rows), float(chance[rows].mean()), float(outcome[rows].mean()))
