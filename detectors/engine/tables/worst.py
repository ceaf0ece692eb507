"""The worst value of an episode so far, and when it was measured.

A detector says how bad each value is (`Detector.badness`); the first of equally bad values counts. An episode begins
when a threshold is reached, so what comes while `for` passes counts too.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats, Rows

# Saved with the decision: how bad the worst value of the episode was, the value, and its time in seconds; NaN without
# an episode.
WORST: dict[str, float] = {"badness": np.nan, "worst": np.nan, "worst_at": np.nan}


class Measured(NamedTuple):
    """Values as people are shown them, how bad each is, and their times in seconds; arrays of one length."""

    value: Floats
    badness: Floats
    t: Floats


class Worst(NamedTuple):
    """The worst values and their times, after each of some values."""

    value: Floats
    at: Floats


def follow_worst(measured: Measured, before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_], state: Rows) -> Worst:
    """Take one value of each row.

    Args:
        before, after: whether each row had an episode before the value, and has one after it.
        state: rows with the columns `WORST`; they are changed.
    """
    worse = ~before | np.isnan(state.badness) | (measured.badness > state.badness)
    worst = Worst(np.where(worse, measured.value, state.worst), np.where(worse, measured.t, state.worst_at))
    state.badness = np.where(after, np.where(worse, measured.badness, state.badness), np.nan)
    state.worst, state.worst_at = np.where(after, worst.value, np.nan), np.where(after, worst.at, np.nan)
    return worst


def follow_worst_along(measured: Measured, had_episode: bool, alive: npt.NDArray[np.bool_], state: Rows) -> Worst:
    """Take many values of one row; equals `follow_worst` for one value after the other.

    Args:
        had_episode: whether the row had an episode before the first value.
        alive: (n,), whether it has one after each value.
        state: the row with the columns `WORST`, as arrays of one; they are changed.
    """
    value, t = np.concatenate((state.worst, measured.value)), np.concatenate((state.worst_at, measured.t))
    badness = np.concatenate((np.where(np.isnan(state.badness), -np.inf, state.badness), measured.badness))
    n = len(badness)
    # Worse values have higher ranks, the earlier of two equal ones too, and each episode higher ones than those before.
    order = np.lexsort((-np.arange(n), badness))
    rank = np.empty(n, dtype=np.intp)
    rank[order] = np.arange(n)
    episode = np.cumsum(~np.concatenate(([True, had_episode], alive[:-1])))
    at = order[np.maximum.accumulate(episode * n + rank) % n][1:]
    last = at[-1:] if alive[-1] else np.array([], dtype=np.intp)
    state.badness, state.worst, state.worst_at = (
        column[last] if len(last) else np.array([np.nan]) for column in (badness, value, t)
    )
    return Worst(value[at], t[at])
