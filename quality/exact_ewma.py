"""Run lengths of an EWMA chart with exact limits by numerical integration: a second way to what a simulation finds."""

import math

import numpy as np

from detectors.base.columns import Floats

_POINTS = 401
_LEFT = 1e-9


def run_length(weight: float, width: float, shift: float) -> float:
    """The average number of values until |e| is beyond width·√(λ/(2 − λ)·(1 − (1 − λ)^2n)), where e is the average of
    normal values of standard deviation 1 around `shift`, from 0.

    The density of e within the limits is followed from value to value on a grid, by the mid-point rule. The sum of the
    probabilities that the chart goes on is the run length.
    """
    grid, step = _grid(weight, width, 1)
    density = _normal(grid / weight - shift) / weight
    total, going, n = 1.0, float(density.sum() * step), 1
    while going > _LEFT:
        total, n = total + going, n + 1
        next_grid, next_step = _grid(weight, width, n)
        values = (next_grid[:, None] - (1 - weight) * grid[None, :]) / weight
        density = _normal(values - shift) / weight @ density * step
        grid, step = next_grid, next_step
        going = float(density.sum() * step)
    return total


def _grid(weight: float, width: float, n: int) -> tuple[Floats, float]:
    limit = width * math.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * n)))
    step = 2 * limit / _POINTS
    return np.asarray(-limit + step * (np.arange(_POINTS) + 0.5), dtype=np.float64), step


def _normal(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi))
