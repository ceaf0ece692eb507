"""Logistic regression whose log-odds are a sum of one step function for each feature.

Each feature has bands between its quantiles, and one band for *not known*. The steps are made smooth by a penalty on
the second differences of neighbouring bands, and small by one on their squares: a penalised spline of degree 0, fitted
by Newton's method. There is nothing random in it.

Eilers, P. H. C. and Marx, B. D. (1996), Flexible smoothing with B-splines and penalties, Statistical Science 11,
89–121.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats, Ints
from detectors.scores.risk_points import bands

BANDS = 12
# Neighbouring bands are also drawn together themselves, by this share of the penalty on their second differences.
LEVEL_SHARE = 0.1
NEWTON_STEPS, CLOSE = 20, 1e-4  # log-odds


@dataclass(frozen=True)
class Penalty:
    """How strongly the steps of a feature are held smooth, and near 0."""

    smooth: float
    shrink: float


@dataclass(frozen=True)
class Fit:
    """The bounds between the bands of each feature; the log-odds of its bands, *not known* first; and of an average
    row. The log-odds of each feature are 0 on average over the rows that it was fitted to."""

    edges: Sequence[Floats]
    steps: Sequence[Floats]
    base: float

    def log_odds(self, x: Floats) -> Floats:
        """Those of some rows (rows, features)."""
        found = [steps[bands(column, edges)] for column, edges, steps in zip(x.T, self.edges, self.steps, strict=True)]
        return np.asarray(self.base + np.sum(found, axis=0))


def fit(x: Floats, outcome: npt.NDArray[np.bool_], weight: Floats, penalty: Penalty) -> Fit:
    """Fit rows (rows, features), NaN for what is not known, with an outcome and a weight each."""
    edges = [quantile_edges(column) for column in x.T]
    sizes = [len(bounds) + 2 for bounds in edges]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    design = _design(x, edges, starts)
    average = (weight @ design) / weight.sum()
    design -= average.astype(np.float32)
    design = np.hstack([design, np.ones((len(x), 1), dtype=np.float32)])
    beta = _newton(design, outcome, weight, _penalties(sizes, penalty))
    steps = [beta[a:b] - average[a:b] @ beta[a:b] for a, b in pairwise(starts.tolist())]
    return Fit(edges, steps, float(beta[-1]))


def quantile_edges(column: Floats) -> Floats:
    """The bounds between bands with about equally many known values, to four digits.

    >>> quantile_edges(np.array([*range(1, 25), np.nan])).tolist()[:3]
    [2.917, 4.833, 6.75]
    """
    known = column[~np.isnan(column)]
    if not len(known):
        return np.empty(0)
    inner = np.quantile(known, np.arange(1, BANDS) / BANDS)
    return np.unique([float(f"{edge:.4g}") for edge in inner])


def _design(x: Floats, edges: Sequence[Floats], starts: Ints) -> npt.NDArray[np.float32]:
    """One column for each band of each feature, 1 where a row is in it."""
    design = np.zeros((len(x), int(starts[-1])), dtype=np.float32)
    for start, column, bounds in zip(starts.tolist(), x.T, edges, strict=False):
        design[np.arange(len(x)), start + bands(column, bounds)] = 1
    return design


def _penalties(sizes: Sequence[int], penalty: Penalty) -> Floats:
    """The matrix of the penalty; the base has none. *Not known* is no neighbour of any band."""
    found = np.zeros((sum(sizes) + 1, sum(sizes) + 1))
    start = 0
    for size in sizes:
        end = start + size
        found[start:end, start:end] += penalty.shrink * np.eye(size)
        for order, share in ((2, 1.0), (1, LEVEL_SHARE)):
            if size - 1 > order:
                differences = np.diff(np.eye(size - 1), order, axis=0)
                found[start + 1 : end, start + 1 : end] += share * penalty.smooth * differences.T @ differences
        start = end
    return found


def _newton(
    design: npt.NDArray[np.float32], outcome: npt.NDArray[np.bool_], weight: Floats, penalties: Floats
) -> Floats:
    """The coefficients with the largest penalised likelihood, the base last."""
    beta = np.zeros(design.shape[1])
    share = float(weight @ outcome / weight.sum())
    beta[-1] = np.log(share / (1 - share))
    for _ in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-(design @ beta)))
        curvature = (weight * chance * (1 - chance)).astype(np.float32)
        hessian = (design.T * curvature) @ design + penalties
        step = np.linalg.solve(hessian, design.T @ (weight * (outcome - chance)) - penalties @ beta)
        beta += step
        if np.abs(step).max() < CLOSE:
            break
    return beta
