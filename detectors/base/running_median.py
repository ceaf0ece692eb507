"""The median of the last five scores of many series."""

import numpy as np

from detectors.base.columns import Floats

# The scores before the newest one that are kept.
BEFORE = 4


def median_of_last(scores: tuple[Floats, Floats, Floats, Floats, Floats], count: Floats) -> Floats:
    """The median of the last `count` of five scores, the newest one last; `count` is 5, 3 or 1.

    >>> scores = tuple(np.array([x]) for x in (9.0, 1.0, 2.0, 8.0, 3.0))
    >>> [median_of_last(scores, np.array([count])).item() for count in (5.0, 3.0, 1.0)]
    [3.0, 3.0, 3.0]
    >>> median_of_last((*scores[:4], np.array([7.0])), np.array([5.0])).item()
    7.0
    """
    a, b, c, d, newest = scores
    if count.min() < 5:  # a pair of which one is below all others, and one above, changes no median
        a, b = np.where(count < 5, -np.inf, a), np.where(count < 5, np.inf, b)
        c, d = np.where(count < 3, -np.inf, c), np.where(count < 3, np.inf, d)
    # Neither the lowest nor the highest of four is the median of five.
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))
    return np.asarray(np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), newest)))
