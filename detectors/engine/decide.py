"""From scores to levels: hysteresis, delay and hold, once for every detector.

Each row has a level: 0 is nothing, 1 to 3 are LOW to HIGH. A severity is *over* while its share of
the score is at least 1, and *under* while it is below `clear_below`. The level rises to the highest
severity that has been over for `for`; it falls when its own has been under for `keep`, to the next
one below that has not. A score of NaN says that it is too early to tell, and moves nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.engine.base import Columns, Floats, Rows

# `level`; since when each severity has been over, and under (NaN while it is not); and when this episode began.
DECISION = Columns(level=0.0, over=(np.nan, 3), under=(np.nan, 3), onset=np.nan)
# For each row: what each severity asks of the score (NaN: not in use), `for`, `keep`, `clear_below`.
PARAMS = Columns(at=(np.nan, 3), first=1.0, wait=0.0, keep=0.0, clear=1.0)

Level = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Moves:
    """Rows whose level changed: their index, the level before and after, since when the new one has been
    due, and when the episode began."""

    index: npt.NDArray[np.intp]
    before: Level
    after: Level
    since: Floats
    onset: Floats


def hot(score: Floats, state: Rows, p: Rows) -> npt.NDArray[np.intp]:
    """Rows that need a decision: all others stay where they are, and nearly all do."""
    busy = (state.level > 0) | ~np.isnan(state.onset)
    return np.flatnonzero((score >= p.first) | (busy & ~np.isnan(score)))


def decide(levels: Floats, t: Floats, state: Rows, p: Rows) -> Moves:
    """Move levels by the shares (n, 3) at times `t`; `state` is changed in place."""
    used = ~np.isnan(levels)
    over, under = used & (levels >= 1), used & (levels < p.clear[:, None])
    when = t[:, None]
    state.over = np.where(over, np.where(np.isnan(state.over), when, state.over), np.nan)
    state.under = np.where(under, np.where(np.isnan(state.under), when, state.under), np.nan)
    before = state.level.astype(np.intp)
    after = _target(used, when, state, p, before)
    state.level = after.astype(np.float64)
    # An episode begins when anything is over, and ends when its level is back at 0.
    onset = np.where(np.isnan(state.onset), np.fmin.reduce(np.column_stack((state.over, t)), axis=1), state.onset)
    pending = np.where(over.any(axis=1), np.where(before > 0, t, onset), np.nan)
    state.onset = np.where(after > 0, onset, pending)
    index = np.flatnonzero(before != after)
    rose = after[index] > before[index]
    since = np.where(rose, state.over[index, after[index] - 1], t[index])
    return Moves(index, before[index], after[index], since, onset[index])


def _target(used: npt.NDArray[np.bool_], when: Floats, state: Rows, p: Rows, before: Level) -> Level:
    rank = np.array([1, 2, 3])
    ripe = when - state.over >= p.wait[:, None]  # NaN compares as False
    gone = when - state.under >= p.keep[:, None]
    rising = np.where(ripe, rank, 0).max(axis=1)
    held = np.where(used & ~gone & (rank <= before[:, None]), rank, 0).max(axis=1)
    after: Level = np.maximum(rising, held)
    return after
