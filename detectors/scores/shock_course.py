"""The course of the shock index along time: its rise above the lowest mean of the past. Equals the update of the index
for one value after the other, which stays the reference."""

from typing import Any, NamedTuple

import numpy as np

from detectors.base.columns import Floats

_COLUMNS = ("total", "count", "current", "means", "numbers")


class _Past(NamedTuple):
    """The mean of the current part as a sum and a count of values, its number, and the means before with theirs."""

    total: Floats
    values: Floats
    current: Floats
    means: Floats
    numbers: Floats


def follow_along(state: Any, number: Floats, parts: int) -> None:
    """Set the rise, sum and count of the current part of the past, its number, and the means before, from the index
    (rows, n) and the `number` of the part at each step; the past has so many `parts`."""
    courses = []
    for row in range(len(number)):
        before = _Past(*(getattr(state, name)[..., row, 0] for name in _COLUMNS))
        courses.append(_course(state.index[row], number[row], before, parts))
    for name, *columns in zip(("rise", *_COLUMNS), *courses, strict=True):
        setattr(state, name, np.stack(columns, axis=-2))


def _course(index: Floats, number: Floats, past: _Past, parts: int) -> tuple[Floats, ...]:
    """The rise and the columns of one row after each step, of which those without an index change nothing. Python runs
    for each part."""
    known, rise = np.flatnonzero(index == index), np.full(len(index), np.nan)
    after = [_along(past, past.total[None], past.values[None])]
    for steps in np.split(known, np.flatnonzero(np.diff(number[known])) + 1) if len(known) else ():
        past = _begun(past, number[steps[0]], parts)
        of = (past.numbers < past.current) & (past.numbers >= past.current - parts)
        if of.any():
            rise[steps] = index[steps] - past.means[of].min()
        total = np.cumsum(np.concatenate((past.total[None], index[steps])))[1:]  # one after the other
        values = past.values + np.arange(1.0, len(steps) + 1)
        after.append(_along(past, total, values))
        past = past._replace(total=total[-1], values=values[-1])
    newest = np.searchsorted(known, np.arange(len(index)), side="right")
    return rise, *(np.concatenate(column, axis=-1)[..., newest] for column in zip(*after, strict=True))


def _begun(past: _Past, number: Floats, parts: int) -> _Past:
    """The past when a value of the part with this `number` comes: if it is a new one, the mean of the last one is
    kept."""
    if number == past.current:
        return past
    here = (past.values > 0) & (np.arange(parts) == past.current % parts)
    means = np.where(here, past.total / np.maximum(past.values, 1.0), past.means)
    return _Past(np.zeros(()), np.zeros(()), number, means, np.where(here, past.current, past.numbers))


def _along(past: _Past, total: Floats, values: Floats) -> _Past:
    """The past after each value of one part, whose sum and count are `total` and `values` (n,) then."""
    n = len(total)
    means, numbers = (np.repeat(ring[:, None], n, axis=1) for ring in (past.means, past.numbers))
    return _Past(total, values, np.full(n, past.current), means, numbers)
