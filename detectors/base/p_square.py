"""Quantiles of many series, each from a few markers instead of all its values: the P² algorithm.

A marker is a height, which estimates a quantile, and a position: how many values are at or below it. The markers of
a row are those of the fractions 0, …, 1 in rising order.
"""

import numpy as np

from detectors.base.columns import Floats


def observe(heights: Floats, positions: Floats, fractions: Floats, count: Floats, x: Floats) -> None:
    """Take one value of each row into its markers, in place.

    Args:
        heights, positions: (markers, rows), NaN at first.
        fractions: (markers, rows), from 0 to 1, rising; of a marker of fraction f the height estimates the f quantile.
        count: how many values there were before, or any larger number from as many as there are markers on.
        x: the new value of each row.

    The first ten values of the paper's example; the third marker estimates the median, which is 3.39 to 10.15:

    >>> fractions = np.array([[0.0], [0.25], [0.5], [0.75], [1.0]])
    >>> heights, positions = np.full((5, 1), np.nan), np.full((5, 1), np.nan)
    >>> values = (0.02, 0.15, 0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92)
    >>> for n, x in enumerate(values):
    ...     observe(heights, positions, fractions, np.array([float(n)]), np.array([x]))
    >>> heights.ravel().round(2).tolist(), positions.ravel().tolist()
    ([0.02, 0.87, 4.75, 15.52, 38.62], [1.0, 3.0, 5.0, 7.0, 10.0])

    Jain, R. and Chlamtac, I. (1985), The P² algorithm for dynamic calculation of quantiles and histograms without
    storing observations, Communications of the ACM 28, 1076–1085; several quantiles at once: Raatikainen, K. E. E.
    (1987), Simultaneous estimation of several percentiles, Simulation 49, 159–164.
    """
    first = count < len(heights)
    if first.any():
        rows = np.flatnonzero(first)
        heights[count[rows].astype(np.intp), rows] = x[rows]
        heights[:, rows] = np.sort(heights[:, rows], axis=0)  # NaN last
        positions[:, rows] = np.arange(1.0, len(heights) + 1)[:, None]
        if first.all():
            return
        others = np.flatnonzero(~first)
        h, n = heights[:, others], positions[:, others]
        _move(h, n, fractions[:, others], x[others])
        heights[:, others], positions[:, others] = h, n
    else:
        _move(heights, positions, fractions, x)


def _move(h: Floats, n: Floats, fractions: Floats, x: Floats) -> None:
    """Count the value in, and move each inner marker that is off by one or more towards its place."""
    h[0], h[-1] = np.minimum(h[0], x), np.maximum(h[-1], x)
    n[1:-1] += x < h[1:-1]
    n[-1] += 1
    for i in range(1, len(h) - 1):
        off = 1 + (n[-1] - 1) * fractions[i] - n[i]
        above, below = n[i + 1] - n[i], n[i] - n[i - 1]
        step = ((off >= 1) & (above > 1)).astype(np.float64) - ((off <= -1) & (below > 1))
        if not step.any():
            continue
        rise, fall = (h[i + 1] - h[i]) / above, (h[i] - h[i - 1]) / below
        curved = h[i] + step / (above + below) * ((below + step) * rise + (above - step) * fall)
        straight = h[i] + np.where(step > 0, rise, -fall)
        height = np.where((h[i - 1] < curved) & (curved < h[i + 1]), curved, straight)
        h[i] = np.where(step == 0, h[i], height)
        n[i] += step
