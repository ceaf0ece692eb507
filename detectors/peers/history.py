"""The means of the newest windows of some members of a cohort, as columns: the newest first."""

import numpy as np

from detectors.base.columns import Floats


def add_mean(means: Floats, newest: float, window: float, x: float) -> float:
    """Add the mean `x` of a window to those of one member, (kept,), of which the first is that of `newest`, NaN for
    none. Changes `means`; returns the newest window.

    >>> means = np.full(4, np.nan)
    >>> add_mean(means, add_mean(means, np.nan, 7.0, 1.5), 9.0, 2.5), means
    (9.0, array([2.5, nan, 1.5, nan]))
    """
    ahead = window - newest
    if ahead <= 0:  # False for NaN
        if -ahead < len(means):
            means[int(-ahead)] = x
        return newest
    by = int(min(ahead, len(means))) if ahead == ahead else len(means)
    means[by:] = means[: len(means) - by].copy()
    means[:by] = np.nan
    means[0] = x
    return window


def means_until(means: Floats, newest: Floats, window: float, count: int) -> Floats:
    """The means of `count` windows up to `window`, the oldest first, (members, count); NaN where there is none.

    Args:
        means: those of each member, (kept, members).
        newest: the window of the first of them, (members,).

    >>> means_until(np.array([[3.0, 9.0], [2.0, 8.0], [1.0, 7.0]]), np.array([5.0, 6.0]), 5.0, 2)
    array([[2., 3.],
           [7., 8.]])
    """
    ago = newest - (window - np.arange(count - 1, -1, -1.0))[:, None]
    there = (ago >= 0) & (ago < len(means))
    found = np.take_along_axis(means, np.where(there, ago, 0).astype(np.intp), axis=0)
    return np.where(there, found, np.nan).T


def windows_after(means: Floats, newest: Floats, after: float) -> list[float]:
    """The windows later than `after` of which any member has a mean, in order.

    >>> windows_after(np.array([[3.0, 9.0], [np.nan, np.nan], [1.0, 7.0]]), np.array([5.0, 6.0]), 3.0)
    [4.0, 5.0, 6.0]
    """
    windows = newest - np.arange(len(means))[:, None]
    wanted = (means == means) & (windows > after)
    return [float(window) for window in np.unique(windows[wanted])]
