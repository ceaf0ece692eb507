"""From scores to levels, for all detectors alike: hysteresis, and the delays before raising and clearing.

Each row has a level: 0 for no episode, 1 to 3 for LOW to HIGH. Each severity has a ratio: the score divided by its
threshold. It is *over* while the ratio is at least 1, and *under* while it is below `clear_below`. The level rises to
the highest severity that has been over for `for` seconds. It falls when its own severity has been under for
`keep_firing_for` seconds, to the next one that has not. A score of NaN (too few values) changes nothing.

Time is that of the values. Where a device's clock was set back, the seconds count from there.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Columns, Floats, Ints, Rows
from detectors.engine.tables.worst import WORST
from ward.config.rule import Decision

# The level; since when each severity has been over, and under (NaN while it is not); when the episode began; and the
# worst value of it.
DECISION = Columns(level=0.0, over=(np.nan, 3), under=(np.nan, 3), onset=np.nan, **WORST)
# What the rule of a row asks: the threshold of each severity (NaN: not in use), `for`, `keep_firing_for`,
# `clear_below`, `every`.
DECISION_PARAMS = Columns(thresholds=(np.nan, 3), for_=0.0, keep_firing_for=0.0, clear_below=1.0, every=np.nan)

RANKS = np.array([[1.0], [2.0], [3.0]])


class LevelStep(NamedTuple):
    """At the value in this place, a row's level was `before` and is `after`; as in `LevelChanges`."""

    place: int
    before: int
    after: int
    since: float
    onset: float


@dataclass(frozen=True, slots=True)
class LevelChanges:
    """Rows whose level changed: their indices, the levels before and after, since when the new level has been due, and
    when the episode began. Times are in seconds. `alive` is for each value whether there is an episode after it."""

    index: Ints
    before: Ints
    after: Ints
    since: Floats
    onset: Floats
    alive: npt.NDArray[np.bool_]

    def steps(self) -> list[LevelStep]:
        """The changes, one by one."""
        columns = (self.index, self.before, self.after, self.since, self.onset)
        return [LevelStep(*step) for step in zip(*(column.tolist() for column in columns), strict=True)]


def decision_values(decision: Decision) -> dict[str, Any]:
    """A decision as a row of `DECISION_PARAMS`."""
    thresholds = [np.nan] * 3
    for severity, threshold in decision.severity.items():
        thresholds[severity.rank - 1] = threshold
    return {
        "thresholds": thresholds, "for_": decision.for_, "keep_firing_for": decision.keep_firing_for,
        "clear_below": decision.clear_below, "every": np.nan if decision.every is None else decision.every,
    }  # fmt: skip


def decide(ratios: Floats, t: Floats, state: Rows, p: Rows) -> LevelChanges:
    """Change levels by the ratios of the severities.

    Args:
        ratios: (3, n), NaN where a severity is not in use or there are too few values.
        t: the times of the n values, in seconds.
        state: rows with the columns `DECISION`; they are changed.
        p: rows with the columns `DECISION_PARAMS`.

    A threshold of 1 for MEDIUM, 3 s before raising and no delay before clearing:

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(level=np.zeros(1), over=np.full((3, 1), np.nan), under=np.full((3, 1), np.nan),
    ...                         onset=np.array([np.nan]))
    >>> p = SimpleNamespace(for_=3.0, keep_firing_for=0.0, clear_below=1.0)
    >>> for t, score in enumerate([0.5, 1.2, 1.1, 1.3, 1.4, 0.9]):
    ...     changes = decide(np.array([[np.nan], [score], [np.nan]]), np.array([float(t)]), state, p)
    ...     print(t, score, state.level, changes.since)
    0 0.5 [0.] []
    1 1.2 [0.] []
    2 1.1 [0.] []
    3 1.3 [0.] []
    4 1.4 [2.] [1.]
    5 0.9 [0.] [5.]
    """
    used = ~np.isnan(ratios)
    over, under = used & (ratios >= 1), used & (ratios < p.clear_below)
    state.over = _since(over, state.over, t)
    state.under = _since(under, state.under, t)
    before = state.level
    after = _target(used, t, state, p)
    state.level = after
    onset = np.where(np.isnan(state.onset), np.fmin.reduce(state.over, axis=0), state.onset)
    index = np.flatnonzero(before != after)
    now, past = after[index].astype(np.intp), before[index].astype(np.intp)
    since = np.where(now > past, state.over[now - 1, index], state.under[past - 1, index])
    # An episode begins when any severity is over, and is forgotten when none is and the level is 0: then a decision on
    # a low score changes nothing, so it makes no difference whether there is one.
    alive = (after > 0) | over.any(axis=0)
    state.onset = np.where(alive, onset, np.nan)
    state.under = np.where(alive, state.under, np.nan)
    return LevelChanges(index, past, now, since, onset[index], alive)


def _since(holds: npt.NDArray[np.bool_], since: Floats, t: Floats) -> Floats:
    """Since when each holds: from `t` on where it did not hold before, or where its beginning is later than `t`."""
    return np.where(holds, np.where(since <= t, since, t), np.nan)


def _target(used: npt.NDArray[np.bool_], t: Floats, state: Rows, p: Rows) -> Floats:
    long_over = t - state.over >= p.for_  # False for NaN
    long_under = t - state.under >= p.keep_firing_for
    rising = np.where(long_over, RANKS, 0).max(axis=0)
    held = np.where(used & ~long_under & (state.level >= RANKS), RANKS, 0).max(axis=0)
    after: Floats = np.maximum(rising, held)
    return after


def seconds_until_change(t: Floats, state: Rows, p: Rows) -> Floats:
    """For each row, the seconds until `for` or `keep_firing_for` alone changes its level; inf where they never do."""
    to_rise = np.where(state.level < RANKS, state.over + p.for_ - t, np.nan)
    to_fall = np.where(state.level >= RANKS, state.under + p.keep_firing_for - t, np.nan)
    least = np.fmin(np.fmin.reduce(to_rise, axis=0), np.fmin.reduce(to_fall, axis=0))
    return np.where(np.isnan(least), np.inf, least)
