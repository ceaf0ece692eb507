"""`every:` of a rule: means of values over windows that are aligned to the epoch.

A window ends with the first value after it, so the result follows from the values alone. Two kinds of window give no
mean: the first one of a row, which is incomplete; and one with fewer than half the values of the fullest recent one.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Columns, Floats, Rows

# Sum and number of the values in the current window, the number of that window, and how many values a full one has.
WINDOW = Columns(total=0.0, count=0.0, window=np.nan, full=np.nan)


@dataclass(frozen=True, slots=True)
class ClosedWindows:
    """Windows that ended: the indices of their rows, the means, and the instants of their ends in seconds."""

    index: npt.NDArray[np.intp]
    mean: Floats
    end: Floats


def add_to_windows(x: Floats, t: Floats, every: Floats, state: Rows) -> ClosedWindows:
    """Add one value of each row to its window, and return the windows that ended by that.

    Args:
        x, t: values and their times in seconds.
        every: the lengths of the windows in seconds.
        state: rows with the columns `WINDOW`; they are changed.

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(**{name: np.array([start]) for name, (start, _) in WINDOW.items()})
    >>> for t in range(0, 31, 5):
    ...     closed = add_to_windows(np.array([80.0 + t]), np.array([float(t)]), np.array([10.0]), state)
    ...     print(t, closed.mean, closed.end)
    0 [] []
    5 [] []
    10 [] []
    15 [] []
    20 [92.5] [20.]
    25 [] []
    30 [102.5] [30.]
    """
    window = np.floor(t / every)
    new = window != state.window
    index = np.flatnonzero(new & (state.count >= state.full / 2))  # False for NaN: the first window is left out
    closed = ClosedWindows(index, state.total[index] / state.count[index], (state.window[index] + 1) * every[index])
    ended = new & ~np.isnan(state.window)
    state.full = np.where(ended, np.fmax(state.count, state.full / 2), state.full)
    state.total = np.where(new, x, state.total + x)
    state.count = np.where(new, 1.0, state.count + 1)
    state.window = window
    return closed


def add_many_to_windows(x: Floats, t: Floats, every: float, state: Rows) -> ClosedWindows:
    """Add many values of one row, in the order of time; equals `add_to_windows` for one value after the other.

    The index of a window is that of the value that ended it. Python runs for each window and not for each value.
    """
    window = np.floor(t / every)
    new = window != np.concatenate((state.window, window[:-1]))
    total, count, full, current = (float(column[0]) for column in (state.total, state.count, state.full, state.window))
    closed: list[tuple[int, float, float]] = []
    begins = sorted({0, *np.flatnonzero(new).tolist()})
    for begin, end in pairwise([*begins, len(x)]):
        if new[begin]:
            if count >= full / 2:  # False for NaN: the first window is left out
                closed.append((begin, total / count, (current + 1) * every))
            if current == current:
                full = float(np.fmax(count, full / 2))
            total, count, current = float(x[begin]), 1.0, float(window[begin])
            begin += 1
        # Added one after the other, as they come: np.sum adds in another order.
        total = float(np.cumsum(np.concatenate(([total], x[begin:end])))[-1])
        count += end - begin
    state.total, state.count, state.full, state.window = (np.array([v]) for v in (total, count, full, current))
    index, mean, ends = zip(*closed, strict=True) if closed else ((), (), ())
    return ClosedWindows(np.array(index, dtype=np.intp), np.array(mean), np.array(ends))
