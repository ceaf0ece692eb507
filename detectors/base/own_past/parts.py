"""The parts of a score: what is measured of the newest values of a series, one number each.

The two-sided ones are the error of the forecast; steps, which are the mean of the last w values minus that of the w
before; levels, the mean of the last w values minus the usual level; and spreads, the logarithm of the mean size of the
last w errors. One-sided are the distance of the newest window to the nearest one of the past, and how often the
same value came in a row.
"""

import math

import numpy as np

from detectors.base.columns import Floats
from detectors.base.own_past.autoregression import ORDER

STEPS, LEVELS, SPREADS = (4, 16, 64), (16, 64), (16, 64)
PAIRS = 1 + len(STEPS) + len(LEVELS) + len(SPREADS)
# The columns: the two-sided parts upwards, the same downwards, and the one-sided ones.
ERROR, FIRST_STEP, FIRST_LEVEL, FIRST_SPREAD = 0, 1, 1 + len(STEPS), 1 + len(STEPS) + len(LEVELS)
SHAPE, FLAT = 2 * PAIRS, 2 * PAIRS + 1
PARTS = 2 * PAIRS + 2
LONG_STEP, LONG_LEVEL = FIRST_STEP + len(STEPS) - 1, FIRST_LEVEL + len(LEVELS) - 1
# How many of the newest values the parts are made of.
RECENT = 2 * max(STEPS)
# The number of values of a window that is compared with the past.
WINDOW = 24


def both_sides(two_sided: Floats, one_sided: Floats) -> Floats:
    """A number for each column, from those of each part.

    >>> both_sides(np.arange(PAIRS), np.array([8.0, 9.0])).shape == (PARTS,)
    True
    """
    return np.concatenate((two_sided, two_sided, one_sided))


def _filters() -> Floats:
    """The weights of the recent values, the newest last, for each step and level: (parts, RECENT)."""
    rows = np.zeros((len(STEPS) + len(LEVELS), RECENT))
    for row, width in zip(rows, (*STEPS, *LEVELS), strict=True):
        row[-width:] = 1 / width
    for row, width in zip(rows, STEPS, strict=False):
        row[-2 * width : -width] = -1 / width
    return rows


def _means() -> Floats:
    rows = np.zeros((len(SPREADS), RECENT))
    for row, width in zip(rows, SPREADS, strict=True):
        row[-width:] = 1 / width
    return rows


FILTERS, MEANS = _filters(), _means()
# How many values each column is made of, and how many must have come before it is measured.
WIDTHS = both_sides(np.array([1.0, *(2.0 * w for w in STEPS), *LEVELS, *SPREADS]), np.array([float(WINDOW), 1.0]))
NEEDED = WIDTHS + both_sides(np.array([ORDER + 1.0] + [0.0] * 5 + [ORDER + 1.0] * 2), np.array([0.0, 1.0]))
# The power of each part for a series with heavy tails is nearer to that of a normal one, the more values it averages.
_AVERAGED = both_sides(np.array([1.0, *(1 / math.log2(2 * w) for w in (*STEPS, *LEVELS, *SPREADS))]), np.zeros(2))


def powers(power: float) -> Floats:
    """The power of each column (`block_maxima.return_distances`), where that of single errors is `power`.

    >>> powers(1.0)[[ERROR, LONG_STEP, FLAT]].round(2).tolist()
    [1.0, 1.86, 1.0]
    """
    found = 2.0 - (2.0 - power) * _AVERAGED
    found[2 * PAIRS :] = 1.0
    return np.asarray(found)


def along(left: Floats, errors: Floats, sizes: Floats, smallest: float, *, steady: bool) -> Floats:
    """The two-sided parts after each of many values, (values, PARTS), NaN where there were too few before; the
    one-sided ones are NaN.

    Args:
        left: the values without their season and their usual level.
        errors: those of the forecasts.
        sizes: the sizes of the errors, without extremes.
        smallest: what is added to a mean size before its logarithm is taken.
        steady: whether the series keeps a level.
    """
    n = len(left)
    found = np.full((n, PARTS), np.nan)
    found[:, ERROR] = errors
    for i, width in enumerate(STEPS, FIRST_STEP):
        mean = _moving_mean(left, width)
        found[width:, i] = mean[width:] - mean[: max(n - width, 0)]
    if steady:
        for i, width in enumerate(LEVELS, FIRST_LEVEL):
            found[:, i] = _moving_mean(left, width)
    for i, width in enumerate(SPREADS, FIRST_SPREAD):
        found[:, i] = np.log(np.maximum(_moving_mean(sizes, width), 0.0) + smallest)
    found[: ORDER + 1, ERROR] = np.nan
    found[:, PAIRS : 2 * PAIRS] = -found[:, :PAIRS]
    return found


def _moving_mean(x: Floats, width: int) -> Floats:
    found = np.full(len(x), np.nan)
    if len(x) >= width:
        sums = np.concatenate(([0.0], np.cumsum(x)))
        found[width - 1 :] = (sums[width:] - sums[:-width]) / width
    return found
