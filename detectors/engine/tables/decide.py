"""From scores to levels: hysteresis, delay and hold, once for every detector.

Each row has a level: 0 is nothing, 1 to 3 are LOW to HIGH. A severity is *over* while its share of
the score is at least 1, and *under* while it is below `clear_below`. The level rises to the highest
severity that has been over for `for`; it falls when its own has been under for `keep`, to the next
one below that has not. A score of NaN says that it is too early to tell, and moves nothing.

Time is that of the values. Where a clock was set back, what had been counted starts anew.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.base.detector import Columns, Floats, Ints, Rows
from ward.config.rule import Decision

# `level`; since when each severity has been over, and under (NaN while it is not); and when this episode began.
DECISION = Columns(level=0.0, over=(np.nan, 3), under=(np.nan, 3), onset=np.nan)
# For each row: what each severity asks of the score (NaN: not in use), `for`, `keep`, `clear_below`, `every`.
ASKED = Columns(at=(np.nan, 3), wait=0.0, keep=0.0, clear=1.0, every=np.nan)

_RANK = np.array([[1.0], [2.0], [3.0]])


@dataclass(frozen=True, slots=True)
class LevelChanges:
    """Rows whose level changed: their index, the level before and after, since when the new one has been
    due, and when the episode began."""

    index: Ints
    before: Ints
    after: Ints
    since: Floats
    onset: Floats


def asked(decision: Decision) -> dict[str, Any]:
    """A decision as a row of `ASKED`."""
    at = [np.nan] * 3
    for severity, threshold in decision.severity.items():
        at[severity.rank - 1] = threshold
    every = np.nan if decision.every is None else decision.every
    return {"at": at, "wait": decision.for_, "keep": decision.keep, "clear": decision.clear_below, "every": every}


def decide(levels: Floats, t: Floats, state: Rows, p: Rows) -> LevelChanges:
    """Move levels by the shares (3, n) at times `t`; `state` is changed."""
    used = ~np.isnan(levels)
    over, under = used & (levels >= 1), used & (levels < p.clear)
    state.over = _since(over, state.over, t)
    state.under = _since(under, state.under, t)
    before = state.level
    after = _target(used, t, state, p)
    state.level = after
    # An episode begins when anything is over, and is forgotten when nothing is and its level is 0.
    onset = np.where(np.isnan(state.onset), np.fmin.reduce(state.over, axis=0), state.onset)
    state.onset = np.where((after > 0) | over.any(axis=0), onset, np.nan)
    index = np.flatnonzero(before != after)
    now, past = after[index].astype(np.intp), before[index].astype(np.intp)
    since = np.where(now > past, state.over[now - 1, index], state.under[past - 1, index])
    return LevelChanges(index, past, now, since, onset[index])


def _since(holds: npt.NDArray[np.bool_], since: Floats, t: Floats) -> Floats:
    """Since when it holds: from now where it did not, or where its beginning lies in the future of this clock."""
    return np.where(holds, np.where(since <= t, since, t), np.nan)


def _target(used: npt.NDArray[np.bool_], t: Floats, state: Rows, p: Rows) -> Floats:
    ripe = t - state.over >= p.wait  # NaN compares as False
    gone = t - state.under >= p.keep
    rising = np.where(ripe, _RANK, 0).max(axis=0)
    held = np.where(used & ~gone & (state.level >= _RANK), _RANK, 0).max(axis=0)
    after: Floats = np.maximum(rising, held)
    return after


def pending(t: Floats, state: Rows, p: Rows) -> Floats:
    """For each row, the seconds until `for` or `keep` alone will change its level; inf where they will not."""
    ripe = np.where(state.level < _RANK, state.over + p.wait - t, np.nan)
    gone = np.where(state.level >= _RANK, state.under + p.keep - t, np.nan)
    least = np.fmin(np.fmin.reduce(ripe, axis=0), np.fmin.reduce(gone, axis=0))
    return np.where(np.isnan(least), np.inf, least)
