"""The members of a cohort compared: what is common to all in each window, what is each one's own, and what is left."""

from typing import NamedTuple

import numpy as np

from detectors.base.columns import Floats
from detectors.base.robust import SD_OF_MAD, median

# A median polish ends when no effect moves by more, relative to the largest value, and after so many rounds.
_MOVED, _ROUNDS = 1e-9, 20


class Polish(NamedTuple):
    """x[i, j] = own[i] + common[j] + residual[i, j], with all medians of rows and columns of the residuals at 0. The
    median of `own` is 0: `common` has the overall level."""

    own: Floats
    common: Floats
    residual: Floats


def median_polish(x: Floats) -> Polish:
    """Fit a table (members, windows) by medians, in turns along rows and columns until nothing moves; NaN is missing.

    Three thermometers on two days, the second of which is warmer, and one value that is off:

    >>> fit = median_polish(np.array([[36.0, 37.0], [36.5, 37.5], [36.5, 39.5]]))
    >>> fit.own.tolist(), fit.common.tolist()
    ([-0.5, 0.0, 1.0], [36.5, 37.5])

    Tukey, J. W. (1977), Exploratory Data Analysis, chapter 11; Mosteller, F. and Tukey, J. W. (1977), Data Analysis and
    Regression, chapter 9.
    """
    own, common, rest = np.zeros(len(x)), np.zeros(x.shape[1]), x.copy()
    least = _MOVED * float(np.max(np.abs(x), initial=1.0, where=x == x))
    for _ in range(_ROUNDS):
        of_rows = _present(median(rest, axis=1))
        own, rest = own + of_rows, rest - of_rows[:, None]
        of_columns = _present(median(rest, axis=0))
        common, rest = common + of_columns, rest - of_columns
        if max(np.max(np.abs(of_rows), initial=0.0), np.max(np.abs(of_columns), initial=0.0)) <= least:
            break
    level = float(_present(median(own, axis=0)))
    return Polish(own - level, common + level, rest)


class Comparison(NamedTuple):
    """What came of comparing in the newest window. By member: its own offset from what is common to all, NaN while that
    is not known; its `deviation` from both in this window, NaN where it cannot be compared; and in how many `windows`
    it has a mean. `spread` is the standard deviation of all deviations, `members` how many can be compared."""

    offset: Floats
    deviation: Floats
    windows: Floats
    spread: float
    members: int


def compare(means: Floats, offset: Floats, baseline: float, at_least: float) -> Comparison:
    """Compare the means of members, (members, windows), the newest last, with offsets as they were learned.

    An offset is learned once, over `baseline` windows, and then held: a drift is not learned. Members that begin
    together get theirs by median polish; one that joins later is compared with those who have one. With fewer than
    `at_least` members nothing is common, and nobody is compared.
    """
    windows = (means == means).sum(axis=1).astype(np.float64)
    known, enough = np.isfinite(offset), windows >= baseline
    members = int((known | enough).sum())
    nobody = np.full(len(means), np.nan)
    if known.sum() < at_least:
        if enough.sum() >= at_least:
            offset = np.where(enough, 0.0, np.nan)
            offset[enough] = median_polish(means[enough]).own
        return Comparison(offset, nobody, windows, np.nan, members)
    away = means - offset[:, None]
    common = np.where((away == away).sum(axis=0) >= at_least, median(away, axis=0), np.nan)
    away = away - common
    above = means - common
    joins = ~known & ((above == above).sum(axis=1) >= baseline)
    offset = np.where(joins, median(above, axis=1), offset)
    spread = SD_OF_MAD * float(median(np.abs(away[known]), axis=None))
    return Comparison(offset, away[:, -1], windows, spread, members)


def _present(x: Floats) -> Floats:
    return np.where(x == x, x, 0.0)
