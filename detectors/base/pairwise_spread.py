"""The spread of many small samples by the distances between their values: Qₙ."""

import numpy as np

from detectors.base.columns import Floats

# What the quartile and the median of the distances are of a normal distribution, in standard deviations.
_QUARTILE, _MEDIAN = 1 / 2.2191, 0.9539
_AT_ONCE = 200_000  # distances


def pairwise_spread(values: Floats) -> Floats:
    """The standard deviation of each sample of values from the same normal distribution, (samples,), of values (n,
    samples): Qₙ = 2.2191·{|xᵢ − xⱼ|; i < j}₍ₖ₎ with k = h(h − 1)/2 and h = ⌊n/2⌋ + 1, about the quartile of all
    distances.

    Up to half of a sample may be wrong without moving it far, and it needs no middle. Of an instrument that shows one
    value most of the time the quartile is 0: then it is the median of the distances, and 0 where that is 0 too.

    >>> pairwise_spread(np.array([[1.0, 2.0, 4.0, 8.0, 900.0], [5.0, 5.0, 5.0, 5.0, 7.0]]).T).round(3).tolist()
    [6.657, 0.0]

    Rousseeuw, P. J. and Croux, C. (1993), Alternatives to the median absolute deviation, Journal of the American
    Statistical Association 88, 1273–1283.
    """
    n, samples = values.shape
    first, second = np.triu_indices(n, 1)
    half = n // 2 + 1
    at = half * (half - 1) // 2 - 1
    found = np.empty(samples)
    step = max(1, _AT_ONCE // len(first))
    for begin in range(0, samples, step):
        some = values[:, begin : begin + step]
        distances = np.abs(some[first] - some[second])
        middle = len(first) // 2
        ordered = np.partition(distances, (at, middle), axis=0)
        quartile, median = ordered[at] / _QUARTILE, ordered[middle] / _MEDIAN
        found[begin : begin + step] = np.where(quartile > 0, quartile, median)
    return found
