"""The distance of the newest values to the most similar ones of the past."""

import math

import numpy as np

from detectors.base.columns import Floats


def nearest_distance(x: Floats, length: int, stride: int = 1, *, centred: bool = False, scaled: bool = False) -> float:
    """The distance of the newest window to the nearest one before it, as a root mean square; NaN for a short past.

    A window is `length` values, every `stride`-th one, up to the newest; those before it do not overlap with it and
    end a whole number of strides earlier. This is the newest number of the left matrix profile.

    Args:
        x: the values in order of time.
        length: how many values a window has.
        stride: the distance between two of them.
        centred: compare windows without their means, so that another level is no difference.
        scaled: also divide each by its standard deviation, so that another size is no difference.

    >>> nearest_distance(np.array([0.0, 1, 0, 5, 0, 1, 0, 1, 0, 1, 0, 6]), 4)
    0.5
    >>> nearest_distance(np.array([0.0, 1, 0, 5, 0, 1, 0, 1, 8, 9, 8, 13]), 4, centred=True)
    0.0

    Yeh, C.-C. M. et al. (2016), Matrix Profile I, IEEE ICDM; one sided, as Lu, Y. et al. (2022), Matrix Profile XXIV:
    DAMP, ACM SIGKDD.
    """
    if stride > 1:
        x = x[(len(x) - 1) % stride :: stride]
    if len(x) < 2 * length:
        return math.nan
    newest = x[-length:]
    mean = float(newest.sum()) / length
    newest, past = newest - mean, x[:-length] - mean  # small numbers, so that differences of squares are exact
    products = np.correlate(past, newest, "valid")
    squares, own = _sums(past * past, length), float(np.dot(newest, newest))
    if not (centred or scaled):
        return math.sqrt(max(float((squares - 2 * products).min()) + own, 0.0) / length)
    squares = squares - _sums(past, length) ** 2 / length
    if not scaled:
        return math.sqrt(max(float((squares - 2 * products).min()) + own, 0.0) / length)
    return _scaled_distance(products, squares, own)


def _scaled_distance(products: Floats, squares: Floats, own: float) -> float:
    """√(2·(1 − r)) with the highest correlation r; windows without any scatter are equal to each other, and at the
    distance 1 from all others."""
    level = 1e-12 * max(float(squares.max()), own)
    if own <= level:
        return 0.0 if float(squares.min()) <= level else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(squares > level, products / (np.sqrt(np.maximum(squares, level)) * math.sqrt(own)), 0.5)
    return math.sqrt(max(2 * (1 - float(r.max())), 0.0))


def _sums(x: Floats, length: int) -> Floats:
    """The sum of each window."""
    sums = np.concatenate(([0.0], np.cumsum(x)))
    return np.asarray(sums[length:] - sums[:-length])
