"""A forecast from the last few values, fitted so that a few strange ones do not change it."""

import math
from collections.abc import Sequence

import numpy as np

from detectors.base.columns import Floats

ORDER = 4
# Normal scatter from the median absolute distance.
MAD_TO_SD = 1.4826
# An error is followed for so many values.
_EFFECT = 200


def scatter(x: Floats) -> float:
    """The standard deviation of normal values, from the median of their distances from the median.

    >>> round(scatter(np.array([1.0, 2, 3, 4, 1000])), 4)
    1.4826
    """
    return MAD_TO_SD * float(np.median(np.abs(x - np.median(x))))


def without_extremes(x: Floats, times: float = 5.0) -> Floats:
    """Values around 0, with those that are further away than `times` their scatter moved to there; but where more than
    a fiftieth of them is, these belong to the series, and only the furthest fiftieth is moved.

    >>> without_extremes(np.array([-1.0, 1, 0, 1, -1, 0.5, -0.5, 1, 90] + [0.0, 1, -1] * 30)).max().round(1)
    np.float64(7.4)
    """
    size = np.abs(x)
    most = max(times * MAD_TO_SD * float(np.median(size)), float(np.quantile(size, 0.98)))
    return np.clip(x, -most, most)


def coefficients(x: Floats, resolution: float = 0.0) -> list[float]:
    """The weights of the last `ORDER` values around their middle, the newest first: the Yule–Walker equations, solved
    by Levinson's recursion, so that forecasts stay bounded. Rounding to `resolution` adds its square/12 to the
    variance: where nothing but rounding is left, the weights are small.

    >>> steps, x = np.random.default_rng(1).normal(size=4000), np.zeros(4000)
    >>> for i in range(1, 4000):
    ...     x[i] = 0.6 * x[i - 1] + steps[i]
    >>> [round(c, 1) + 0 for c in coefficients(x)]
    [0.6, 0.0, 0.0, 0.0]

    Levinson, N. (1946), The Wiener RMS error criterion in filter design and prediction, J. Math. Phys. 25, 261–278.
    """
    n = len(x)
    products = [float(np.dot(x[lag:], x[: n - lag])) / n for lag in range(ORDER + 1)]
    found: list[float] = []
    error = products[0] * (1 + 1e-6) + resolution * resolution / 12
    for lag in range(ORDER):
        if error <= 0:
            break
        k = (products[lag + 1] - sum(found[j] * products[lag - j] for j in range(lag))) / error
        found = [found[j] - k * found[lag - 1 - j] for j in range(lag)] + [k]
        error *= 1 - k * k
    return (found + [0.0] * ORDER)[:ORDER]


def gain(weights: Sequence[float], width: int) -> float:
    """The standard deviation of the mean of `width` values, for errors of standard deviation 1: the root of the sum of
    squares of what one error does to means from then on.

    >>> round(gain([0.0], 16), 4), round(gain([0.8, 0, 0, 0], 1), 4)  # 1/√16 and 1/√(1 − 0.8²)
    (0.25, 1.6667)
    """
    effect = [1.0]
    for _ in range(_EFFECT):
        effect.append(sum(weight * value for weight, value in zip(weights, reversed(effect), strict=False)))
    means = np.convolve(effect, np.full(width, 1 / width))
    return math.sqrt(float(np.dot(means, means)))


def forecasts(x: Floats, weights: Sequence[float]) -> Floats:
    """For each value the forecast from those before it; the first `ORDER` have fewer.

    >>> forecasts(np.array([1.0, 2, 3]), [0.5, 0.25, 0, 0]).tolist()
    [0.0, 0.5, 1.25]
    """
    found = np.zeros(len(x))
    for i, weight in enumerate(weights[: len(x)], 1):
        found[i:] += weight * x[: len(x) - i]
    return found
