"""Fits the windows of a model: principal components of the courses in each span of the past."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from app.training.series_means import SeriesMeans
from detectors.base.columns import Floats
from detectors.base.course_vectors import SMOOTHED, UsualCourses
from ward.clock import SECOND, format_instant, format_span
from ward.errors import InputError

# The fewest courses of a window: its limit is beyond 99 of 100.
LEAST = 100
# A component that hardly varies counts as one that varies by 1 % of the largest: rounding is no course.
_LEAST_SPREAD = 0.01
_DIGITS = 9
# Changes that differ by less than this share of the largest one are alike.
_ALIKE = 1e-9
# What is smaller is written as 0.
_SMALLEST = 1e-90


def fit_windows(
    series: Sequence[SeriesMeans], edges: Sequence[float], lags: int, every: float, quantile: float
) -> list[dict[str, Any]]:
    """A window of a model for each span between two `edges` (seconds since 1970), as it stands in the file.

    Raises `InputError` that names each span with too few courses, or with courses that are all alike.
    """
    found, faults = [], []
    for number, (start, end) in enumerate(pairwise(edges), 1):
        vectors = np.concatenate([one.between(start, end).vectors(lags, every) for one in series], axis=1)
        words = _fault(vectors, lags, every, quantile)
        if words:
            faults.append(f"window {number}, {_shown(start)} to {_shown(end)}: {words}")
        else:
            found.append({"from": _shown(start), "until": _shown(end), **fit(vectors, quantile)})
    if faults:
        raise InputError("\n".join(faults))
    return found


def fit(vectors: Floats, quantile: float) -> dict[str, Any]:
    """Centre, axes and limit of vectors (lags, n): axes are the principal components of their covariance, each divided
    by its standard deviation."""
    centre = vectors.mean(axis=1)
    spread, components = np.linalg.eigh(np.cov(vectors))
    deviation = np.sqrt(np.maximum(spread, _LEAST_SPREAD**2 * spread[-1]))
    # The sign of a component has no meaning: its largest number is positive, so that the same data give the same file.
    largest = np.abs(components).argmax(axis=0)
    signs = np.sign(components[largest, np.arange(len(centre))])
    axes = (components * signs / deviation).T[::-1]
    centre, axes = _rounded(centre), _rounded(axes)
    distances = UsualCourses(centre[None], axes[None], np.zeros(1)).distances(vectors)[0]
    limit = float(_rounded(np.quantile(distances, quantile, method="higher")))
    return {"vectors": vectors.shape[1], "centre": centre.tolist(), "axes": axes.tolist(), "limit": limit}


def _fault(vectors: Floats, lags: int, every: float, quantile: float) -> str:
    """Why nothing can be learned from vectors; empty where it can."""
    count = vectors.shape[1]
    if count < LEAST:
        return (
            f"{count} courses of {lags + SMOOTHED} means of {format_span(every)} one after the other, and {LEAST} are "
            "needed: choose a longer time, more devices, or a shorter --every"
        )
    middle = np.median(vectors, axis=1, keepdims=True)
    alike = np.abs(vectors - middle) <= _ALIKE * np.abs(vectors).max()
    if alike.all(axis=0).mean() >= quantile:
        return "the values hardly ever change, so that any change would be unusual: use the detector flatline or limits"
    return ""


def _rounded(x: Any) -> Floats:
    """With so many significant digits as the file has."""
    found = np.asarray(x, dtype=np.float64)
    digits = np.array([float(f"{value:.{_DIGITS}g}") for value in found.ravel()]).reshape(found.shape)
    return np.where(np.abs(digits) < _SMALLEST, 0.0, digits)


def _shown(seconds: float) -> str:
    return format_instant(round(seconds * SECOND))
