"""Medians of values of which some are missing, and the spread that follows from them."""

import numpy as np

from detectors.base.columns import Floats

# The standard deviation of normal values is so many times their MAD: 1/Φ⁻¹(3/4).
SD_OF_MAD = 1.4826022185056018


def median(x: Floats, axis: int | None) -> Floats:
    """The median of what is not NaN along an axis, or of all; NaN where there is none.

    >>> median(np.array([[1.0, np.nan, 4.0], [np.nan, np.nan, np.nan]]), axis=1)
    array([2.5, nan])
    """
    ordered = np.sort(x.ravel() if axis is None else np.moveaxis(x, axis, -1), axis=-1)  # NaN at the end
    count = (ordered == ordered).sum(axis=-1)[..., None]
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, ordered.shape[-1] - 1)
    middle = (np.take_along_axis(ordered, low, -1) + np.take_along_axis(ordered, high, -1)) / 2
    return np.asarray(middle[..., 0])
