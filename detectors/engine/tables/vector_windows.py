"""`every:` of a rule about vectors: means of each part over windows that are aligned to the epoch.

As in `windows`: a window ends with the first value after it; the first one, which is incomplete, gives no mean, nor
does one with fewer than half the values of the fullest recent one, all parts together. A part without a value in a
window has no mean there.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from detectors.base.columns import Columns, Floats, Ints, Rows


class ClosedVectors(NamedTuple):
    """Windows that ended: the indices of their rows, the means (parts, windows), NaN for a part without a value, and
    the instants of their ends in seconds."""

    rows: Ints
    mean: Floats
    end: Floats


def vector_window(width: int) -> Columns:
    """Sums and numbers of values of the current window, the number of that window, and how many values a full one
    has."""
    return Columns(total=(0.0, width), count=(0.0, width), window=np.nan, full=np.nan)


def add_to_vector_windows(x: Floats, t: Floats, every: Floats, state: Rows) -> ClosedVectors:
    """Add one value of some parts of each row to its window, and return the windows that ended by that.

    Args:
        x: (parts, n), NaN for a part without a value now.
        t: the times of the values in seconds.
        every: the lengths of the windows in seconds.
        state: rows with the columns of `vector_window`; they are changed.

    Two parts, of which the second has a value at 0 s and at 10 s only:

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(total=np.zeros((2, 1)), count=np.zeros((2, 1)), window=np.array([np.nan]),
    ...                         full=np.array([np.nan]))
    >>> for t, x in ((0.0, [80, 1]), (10.0, [82, 3]), (15.0, [84, np.nan]), (20.0, [90, np.nan])):
    ...     closed = add_to_vector_windows(np.array([x]).T, np.array([t]), np.array([10.0]), state)
    ...     print(t, closed.mean.T.tolist(), closed.end)
    0.0 [] []
    10.0 [] []
    15.0 [] []
    20.0 [[83.0, 3.0]] [20.]
    """
    window, there = np.floor(t / every), x == x
    new, held = window != state.window, state.count.sum(axis=0)
    index = np.flatnonzero(new & (held >= state.full / 2))  # False for NaN: the first window is left out
    mean = np.where(state.count[:, index] > 0, state.total[:, index] / state.count[:, index], np.nan)
    closed = ClosedVectors(index, mean, (state.window[index] + 1) * every[index])
    state.full = np.where(new & ~np.isnan(state.window), np.fmax(held, state.full / 2), state.full)
    state.total = np.where(new, 0.0, state.total) + np.where(there, x, 0.0)
    state.count = np.where(new, 0.0, state.count) + there
    state.window = window
    return closed


def add_many_to_vector_windows(x: Floats, t: Floats, every: float, state: Rows) -> ClosedVectors:
    """Add many values of one row, (parts, n), in the order in which they came; equals `add_to_vector_windows` for one
    after the other. The index of a window is that of the value that ended it. Python runs for each window."""
    window, there = np.floor(t / every), x == x
    new = window != np.concatenate((state.window, window[:-1]))
    begins = sorted({0, *np.flatnonzero(new).tolist()})
    ended: list[tuple[int, Floats, float]] = []
    for begin, end in pairwise([*begins, len(t)]):
        if new[begin]:
            first = add_to_vector_windows(x[:, begin : begin + 1], t[begin : begin + 1], np.array([every]), state)
            ended += [(begin, first.mean[:, 0], float(at)) for at in first.end]
            begin += 1
        # Added one after the other, as they come: np.sum adds in another order.
        values = np.where(there[:, begin:end], x[:, begin:end], 0.0)
        state.total = np.cumsum(np.concatenate((state.total, values), axis=1), axis=1)[:, -1:]
        state.count = state.count + there[:, begin:end].sum(axis=1, keepdims=True)
    means = np.stack([mean for _, mean, _ in ended], axis=1) if ended else np.empty((len(x), 0))
    return ClosedVectors(
        np.array([at for at, _, _ in ended], dtype=np.intp), means, np.array([end for _, _, end in ended])
    )
