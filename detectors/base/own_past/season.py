"""The season of a series: after how many values its course repeats, and that course."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from detectors.base.columns import Floats
from detectors.base.own_past.autoregression import without_extremes

SHORTEST = 4
# A season must explain so much that what is left is under this share, on values that it was not learned from.
_LEFT = 0.7
# A longer season must leave clearly less than a shorter one; the present one is kept unless another is much better.
_LONGER, _PRESENT, _NEARBY = 0.85, 0.7, 1.2
# Whatever leaves less is as good: differences of rounding choose no season.
_LEAST = 0.02
# A period that is nearly the present one must leave less by this factor.
_CLEARLY = 0.97


class Season(NamedTuple):
    """`period` is 0 where there is none. `profile` is the course of one period around 0, from its begin on, and
    `excess` how much larger what it leaves is on new values than on those that it was learned from."""

    period: int
    profile: Floats
    excess: float


NO_SEASON = Season(0, np.zeros(1), 1.0)


def find_season(x: Floats, present: int = 0) -> Season:
    """The season of values that came at equal steps, with `profile[0]` at the first of them.

    Candidates are the peaks of the autocorrelation, and their halves and thirds; each is learned from the first two
    thirds of the values and judged on the last third. At least three periods must have been seen. The course is
    smoothed where that leaves less.

    >>> t = np.arange(300)
    >>> season = find_season(5 * np.sin(2 * np.pi * t / 24) + np.random.default_rng(1).normal(size=300))
    >>> season.period, float(season.profile.max().round())
    (24, 5.0)
    >>> find_season(np.random.default_rng(1).normal(size=300)).period
    0
    """
    n = len(x)
    if n < 12 * SHORTEST:
        return NO_SEASON
    y = _without_trend(x)
    best, found = _LEFT, 0
    for period in sorted({*_candidates(y), present}):
        if period >= SHORTEST and 3 * period <= n:
            share = max(_left(y, period)[0], _LEAST)
            if present and abs(period - present) <= 0.02 * present:
                share *= _PRESENT if period == present else _NEARBY
            if share < best * (_LONGER if found else 1.0):
                best, found = share, period
    if not found:
        return NO_SEASON
    found = _refined(y, found, present)
    left_new, width = min((_left(y, found, width)[1], width) for width in {1, found // 48 | 1, found // 16 | 1})
    profile, newer = _profile(y, found, width), n - max(n // 3, found)
    left_known = _size(y[newer:] - profile[np.arange(newer, n) % found])
    return Season(found, profile, min(max(left_new / left_known, 1.0), 3.0) if left_known > 0 else 1.0)


def _without_trend(x: Floats) -> Floats:
    """Without the line through the means of the first and the last third, and without extremes."""
    third = len(x) // 3
    slope = (x[-third:].mean() - x[:third].mean()) / (len(x) - third)
    y = x - slope * np.arange(len(x))
    return without_extremes(y - np.median(y), 4.0)


def _candidates(y: Floats) -> Iterator[int]:
    """Lags where the autocorrelation rises most from what it was before: the three highest such peaks, their halves and
    thirds, and the first peak that is nearly as high."""
    n, most = len(y), len(y) // 3 + 1
    spectrum = np.fft.rfft(y, 2 * n)
    products = np.fft.irfft(spectrum * spectrum.conj())[:most] / (n - np.arange(most))
    inner, risen = products[1:-1], (products - np.minimum.accumulate(products))[1:-1]
    peaks = 1 + np.flatnonzero((inner >= products[:-2]) & (inner > products[2:]) & (risen > 0.2 * products[0]))
    peaks = peaks[peaks >= SHORTEST]
    if not len(peaks):
        return
    heights = risen[peaks - 1]
    yield int(peaks[np.argmax(heights > 0.7 * heights.max())])
    for peak in peaks[np.argsort(-heights, kind="stable")][:3].tolist():
        yield from (peak, round(peak / 2), round(peak / 3))


def _refined(y: Floats, period: int, present: int) -> int:
    """The period within a fiftieth that leaves least, as the peak of a noisy autocorrelation is only near it. The
    present one stays unless another leaves clearly less."""
    around = max(period // 50, 1)
    near = range(max(period - around, SHORTEST), min(period + around, len(y) // 3) + 1)
    left = {one: _left(y, one, period // 48 | 1)[1] for one in near}
    best = min(near, key=left.__getitem__)
    return present if present in left and left[best] > _CLEARLY * left[present] else best


def _left(y: Floats, period: int, width: int = 1) -> tuple[float, float]:
    """What a season leaves of values that it was not learned from, as a share of what they are without it; and its
    size."""
    known = len(y) - max(len(y) // 3, period)
    if known < 2 * period:
        return 1.0, 0.0
    new = y[known:]
    left = _size(new - _profile(y[:known], period, width)[np.arange(known, len(y)) % period])
    size = _size(new)
    return (left / size if size > 0 else 1.0), left


def _profile(y: Floats, period: int, width: int) -> Floats:
    """The median of the whole periods at each place, around 0, beginning with the place of the first value; as a moving
    mean of so many places, an odd number."""
    cycles = len(y) // period
    first = len(y) - cycles * period
    course = y[first:].reshape(cycles, period)
    profile = np.roll(np.median(course, axis=0) if cycles > 2 else course.mean(axis=0), first)
    if width > 1:
        side = width // 2
        profile = np.convolve(
            np.concatenate((profile[-side:], profile, profile[:side])), np.full(width, 1 / width), "valid"
        )
    return np.asarray(profile - profile.mean())


def _size(y: Floats) -> float:
    return float(np.mean(np.abs(y - np.median(y))))
