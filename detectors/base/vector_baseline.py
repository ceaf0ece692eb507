"""What is normal of vectors, learned one vector at a time: mean, covariance, components, and limits of T² and Q.

The columns are arrays with the rows last: (k, n) for k signals, (k·k, n) for a matrix, (2, n) for T² and Q.
"""

from typing import Any

import numpy as np

from detectors.base.columns import Columns, Floats, Ints, Slots, WideColumn
from detectors.base.components import Known, components, expected, follow, t_squared_and_q
from detectors.base.normal_scores import chi_squared_quantile
from detectors.base.pairwise_spread import pairwise_spread
from detectors.base.running_median import BEFORE, median_of_last

# Of the vectors of a warm-up so large a share, the first ones, give mean and covariance, and the rest the limits.
LEARNED = 0.75
# The values of each signal that are kept until then, for its spread.
_SAMPLE = 40
# With a memory the components are calculated anew so many times within it.
_REFRESHES = 50


def baseline_columns(width: int) -> Columns:
    """How many vectors were learned; mean and covariance; the scale of each signal; the components; the limits, and the
    highest T² and Q of the warm-up; the last four of each; how many vectors were followed since the components are
    from; and values of the warm-up."""
    return Columns(
        learned=0.0, mean=(0.0, width), covariance=(0.0, width * width), spread=(np.nan, width),
        axes=(np.nan, width * width), kept=np.nan, freedom=np.nan, limits=(np.nan, 2), highest=(0.0, 2),
        recent=(0.0, 2 * BEFORE), followed=0.0, values=WideColumn(np.nan, _SAMPLE * width),
    )  # fmt: skip


def learn(state: Any, rows: Ints, x: Floats, p: Any) -> None:
    """Take whole vectors, (k, n), into the warm-up of these rows.

    Args:
        state: columns of `baseline_columns`; they are changed.
        rows: the indices of rows whose warm-up is not over.
        x: the vectors of all rows.
        p: `warm_up` and `first`, the numbers of vectors until the limits and until the components; `floor` (k, n), the
            smallest standard deviations; and the columns that `set_limits` reads.
    """
    early = state.learned[rows] < p.first[rows]
    first, rest = rows[early], rows[~early]
    if len(first):
        _collect(state, first, x[:, first], p)
    if len(rest):
        off = x[:, rest] - state.mean[:, rest]
        found = np.stack(t_squared_and_q(state.axes[:, rest], state.kept[rest], off))
        _set(state, "highest", rest, np.maximum(state.highest[:, rest], smoothed(state, rest, found, p)))
    _set(state, "learned", rows, state.learned[rows] + 1)
    if len(complete := first[state.learned[first] == p.first[first]]):
        _set(state, "spread", complete, _spread(state, complete, p))
        _find_components(state, complete, p)
    if len(ready := rest[state.learned[rest] == p.warm_up[rest]]):
        _set_limits(state, ready, p)


def go_on(state: Any, rows: Ints, off: Floats, ratio: Floats, p: Any) -> None:
    """Follow these rows with vectors that are `off` their means, (k, n), those above the limit as if they were on it.

    Args:
        ratio: T² or Q of each as a share of its limit, the higher one.
        p: `memory`, of how many vectors mean and covariance are; and as for `learn`.
    """
    damped = off / np.sqrt(np.maximum(ratio, 1.0))
    mean, covariance = follow(state.mean[:, rows], state.covariance[:, rows], damped, 1 / p.memory[rows])
    _set(state, "mean", rows, mean)
    _set(state, "covariance", rows, covariance)
    followed = state.followed[rows] + 1
    due = followed >= np.ceil(p.memory[rows] / _REFRESHES)
    _set(state, "followed", rows, np.where(due, 0.0, followed))
    if due.any():
        _find_components(state, rows[due], p)
        _set_limits(state, rows[due], p)


def smoothed(state: Any, rows: Slots, found: Floats, p: Any) -> Floats:
    """The medians of T² and Q, (2, n), with the newest ones, which are kept."""
    scores = np.concatenate((state.recent[:, rows].reshape(2, BEFORE, -1), found[:, None]), axis=1)
    _set(state, "recent", rows, scores[:, 1:].reshape(2 * BEFORE, -1))
    a, b, c, d, newest = np.moveaxis(scores, 1, 0)
    return median_of_last((a, b, c, d, newest), p.smooth[rows])


def smoothed_along(state: Any, found: Floats, p: Any) -> Floats:
    """The same of T² and Q along time, (2, rows, n)."""
    before = np.moveaxis(state.recent.reshape(2, BEFORE, -1), 1, -1)
    scores, steps = np.concatenate((before, found), axis=-1), found.shape[-1]
    a, b, c, d, newest = (scores[..., i : i + steps] for i in range(BEFORE + 1))
    state.recent = np.moveaxis(scores[..., steps:], -1, 1).reshape(2 * BEFORE, -1, 1)
    return median_of_last((a, b, c, d, newest), p.smooth)


def completed(state: Any, rows: Slots, off: Floats, known: Known, p: Any) -> Floats:
    """The distances from the mean, (k, n), with those that are not known as the others let expect them."""
    some = np.flatnonzero(~known.all(axis=0))
    if not len(some):
        return off
    found = off.copy()
    of = np.arange(state.mean.shape[1])[rows][some]
    found[:, some] = expected(off[:, some], known[:, some], state.covariance[:, of], p.floor[:, of])
    return found


def completed_along(state: Any, off: Floats, known: Known, p: Any) -> Floats:
    """The same along time, (k, rows, n)."""
    rows, steps = np.nonzero(~known.all(axis=0))
    if len(rows):
        covariance, floor = state.covariance[:, rows, 0], p.floor[:, rows, 0]
        off[:, rows, steps] = expected(off[:, rows, steps], known[:, rows, steps], covariance, floor)
    return off


def _collect(state: Any, rows: Ints, x: Floats, p: Any) -> None:
    """Take vectors into mean and covariance, and now and then a value into those that are kept."""
    count = state.learned[rows]
    kept = state.values.reshape(-1, _SAMPLE, len(x))
    places = (count * _SAMPLE // p.first[rows]).astype(np.intp)
    kept[np.arange(len(kept))[state.slots][rows], places] = x.T
    off = x - state.mean[:, rows]
    mean, covariance = follow(state.mean[:, rows], state.covariance[:, rows], off, 1 / (count + 1))
    _set(state, "mean", rows, mean)
    _set(state, "covariance", rows, covariance)


def _spread(state: Any, rows: Ints, p: Any) -> Floats:
    """The scale of each signal: its spread by pairs, else its standard deviation, but at least the floor."""
    k = len(state.mean)
    values = state.values[np.arange(len(state.values))[state.slots][rows]].reshape(-1, _SAMPLE, k)
    found = pairwise_spread(np.moveaxis(values, 1, 0).reshape(_SAMPLE, -1)).reshape(-1, k).T
    sd = np.sqrt(state.covariance[:: k + 1, rows])
    return np.asarray(np.maximum(np.where(found > 0, found, sd), p.floor[:, rows]))


def _find_components(state: Any, rows: Ints, p: Any) -> None:
    """The components of mean and covariance as they are now."""
    first = p.first[rows]
    unbiased = state.covariance[:, rows] * (first / (first - 1))
    found = components(unbiased, state.spread[:, rows], p.floor[:, rows], p.variance[rows])
    for name, values in zip(("axes", "kept", "freedom"), found, strict=True):
        _set(state, name, rows, values)


def _set_limits(state: Any, rows: Ints, p: Any) -> None:
    """The limits of T² and Q: the quantile by χ², or a multiple of the highest one in the warm-up."""
    kept, freedom, n, z, margin = state.kept[rows], state.freedom[rows], p.first[rows], p.z[rows], p.margin[rows]
    t_squared = chi_squared_quantile(kept, z) * (n * n - 1) / (n * (n - kept))
    q = chi_squared_quantile(freedom, z) / freedom
    highest = margin * state.highest[:, rows]
    limits = np.maximum(t_squared, highest[0]), p.q_margin[rows] * np.maximum(q, highest[1])
    _set(state, "limits", rows, np.stack(limits))


def _set(state: Any, name: str, rows: Slots, values: Floats) -> None:
    """Set some rows of a column."""
    column = getattr(state, name)
    column[..., rows] = values
    setattr(state, name, column)
