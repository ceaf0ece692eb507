"""`every:` of a rule: values gathered into means over windows that are aligned to the epoch.

A window ends when the first value after it comes: what is judged follows from the values alone. The
first window of a row began somewhere in its middle, and one with fewer than half the values
of the fullest of late says more about the gap than about what was measured: neither is judged.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.base.detector import Columns, Floats, Rows

# Sum and number of values in the current window, the window's number, and how many values a full one has.
GATHERED = Columns(total=0.0, number=0.0, window=np.nan, full=np.nan)


@dataclass(frozen=True, slots=True)
class Closed:
    """Windows that ended: which of the rows, the mean of each, and the instant of its end."""

    index: npt.NDArray[np.intp]
    mean: Floats
    end: Floats


def gather(x: Floats, t: Floats, every: Floats, state: Rows) -> Closed:
    """Take one value of each row; `state` is changed."""
    window = np.floor(t / every)
    new = window != state.window
    index = np.flatnonzero(new & (state.number >= state.full / 2))  # NaN compares as False: the first is left out
    closed = Closed(index, state.total[index] / state.number[index], (state.window[index] + 1) * every[index])
    past = new & ~np.isnan(state.window)
    state.full = np.where(past, np.fmax(state.number, state.full / 2), state.full)
    state.total = np.where(new, x, state.total + x)
    state.number = np.where(new, 1.0, state.number + 1)
    state.window = window
    return closed
