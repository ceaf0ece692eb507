"""Statistics of a window of values from six sums, for many windows at once.

The sums of a window are an array (6, n): n, Σx, Σx², Σt, Σt², Σtx. Sums of parts add up, so a window of buckets is the
sum of its buckets. The examples use one window with the values 1, 3, 2, 4 at t = 0, 1, 2, 3.
"""

import numpy as np

from detectors.base.columns import Floats

SUMS = 6


def sums_of(x: Floats, t: Floats) -> Floats:
    """The sums of one value of each window, (6, n); with more axes of `x`, (6, …).

    >>> sums_of(np.array([3.0]), np.array([2.0])).ravel().tolist()
    [1.0, 3.0, 9.0, 2.0, 4.0, 6.0]
    """
    sums = np.empty((SUMS, *x.shape))
    sums[0], sums[1], sums[3] = 1.0, x, t
    np.multiply(x, x, out=sums[2])
    np.multiply(t, t, out=sums[4])
    np.multiply(t, x, out=sums[5])
    return sums


def shifted(sums: Floats, seconds: Floats) -> Floats:
    """The same sums with times counted from an origin `seconds` earlier: t becomes t + seconds.

    `sums` may have more axes after the first, and `seconds` any shape that fits these.

    >>> shifted(sums_of(np.array([3.0]), np.array([2.0])), np.array([10.0])).ravel().tolist()
    [1.0, 3.0, 9.0, 12.0, 144.0, 36.0]
    """
    n, s, q, st, stt, sts = sums
    return np.stack((n, s, q, st + n * seconds, stt + 2 * seconds * st + n * seconds * seconds, sts + seconds * s))


def mean(sums: Floats) -> Floats:
    """Σx/n.

    >>> mean(np.array([[4.0], [10], [30], [6], [14], [19]]))
    array([2.5])
    """
    return np.asarray(sums[1] / sums[0])


def mean_time(sums: Floats) -> Floats:
    """Σt/n.

    >>> mean_time(np.array([[4.0], [10], [30], [6], [14], [19]]))
    array([1.5])
    """
    return np.asarray(sums[3] / sums[0])


def sd(sums: Floats) -> Floats:
    """The standard deviation: sd² = (Σx² − (Σx)²/n)/(n − 1).

    >>> sd(np.array([[4.0], [10], [30], [6], [14], [19]])).round(4)
    array([1.291])
    """
    n, s, q = sums[:3]
    return np.asarray(np.sqrt(np.maximum(q - s * s / n, 0.0) / (n - 1)))


def slope(sums: Floats) -> Floats:
    """The slope of the least squares line, per second: (n·Σtx − Σt·Σx)/(n·Σt² − (Σt)²).

    >>> slope(np.array([[4.0], [10], [30], [6], [14], [19]]))
    array([0.8])

    Draper, N. R. and Smith, H. (1998), Applied Regression Analysis, 1.2.
    """
    n, s, _, st, stt, sts = sums
    return np.asarray((n * sts - st * s) / (n * stt - st * st))


def residual_sd(sums: Floats) -> Floats:
    """The standard deviation around the least squares line: s² = (Sxx − Stx²/Stt)/(n − 2), with sums of squares and
    products S about the means. A steady rise or fall adds nothing to it.

    >>> residual_sd(np.array([[4.0], [10], [30], [6], [14], [19]])).round(4)
    array([0.9487])

    Draper, N. R. and Smith, H. (1998), Applied Regression Analysis, 1.4.
    """
    n, s, q, st, stt, sts = sums
    sxx, s_tt, stx = q - s * s / n, stt - st * st / n, sts - st * s / n
    return np.asarray(np.sqrt(np.maximum(sxx - stx * stx / s_tt, 0.0) / (n - 2)))


def zscore(x: Floats, before: Floats, floor: Floats) -> Floats:
    """How many standard deviations a value is from the mean of the values before it; `floor` is the smallest
    standard deviation to use. The value itself is left out: included, it lowers
    its own z-score.

    >>> zscore(np.array([6.0]), np.array([[4.0], [10], [30], [6], [14], [19]]), np.array([0.5])).round(2)
    array([2.71])
    """
    return np.asarray((x - mean(before)) / np.maximum(sd(before), floor))
