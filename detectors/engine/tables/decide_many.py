"""`decide` for many values of one row at once: what changes a level is found by change points, so Python runs for each
change and not for each value."""

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats, Ints, Rows
from detectors.engine.tables.decide import RANKS, LevelChanges

# By which of the three severities hold a level (LOW is bit 0) and by the level: the highest one held.
_HELD = [[max((k for k in range(1, level + 1) if bits >> (k - 1) & 1), default=0) for level in range(4)]
         for bits in range(8)]  # fmt: skip
_BITS = np.array([[1], [2], [4]])


def decide_many(ratios: Floats, t: Floats, state: Rows, p: Rows) -> LevelChanges:
    """Change the level of one row by the ratios of many values; equals `decide` for one value after the other.

    Args:
        ratios: (3, n), NaN where a severity is not in use.
        t: the times of the n values in seconds, rising.
        state: the row with the columns `DECISION`, as arrays of one; they are changed.
        p: the row with the columns `DECISION_PARAMS`.

    The index of a change is that of the value that made it. A threshold of 1 for MEDIUM and 3 s before raising:

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(level=np.zeros(1), over=np.full((3, 1), np.nan), under=np.full((3, 1), np.nan),
    ...                         onset=np.array([np.nan]))
    >>> p = SimpleNamespace(for_=np.array([3.0]), keep_firing_for=np.array([0.0]), clear_below=np.array([1.0]))
    >>> ratios = np.full((3, 6), np.nan)
    >>> ratios[1] = [0.5, 1.2, 1.1, 1.3, 1.4, 0.9]
    >>> changes = decide_many(ratios, np.arange(6.0), state, p)
    >>> changes.index, changes.before, changes.after, changes.since
    (array([4, 5]), array([0, 2]), array([2, 0]), array([1., 5.]))
    """
    used = ~np.isnan(ratios)
    over, under = used & (ratios >= 1), used & (ratios < p.clear_below)
    over_since = _since(over, state.over, t)
    under_since = _since(under, state.under, t)
    rising = np.where(t - over_since >= p.for_, RANKS, 0).max(axis=0)  # False for NaN
    held = np.where(used & ~(t - under_since >= p.keep_firing_for), _BITS, 0).sum(axis=0)
    index, before, after, levels = _levels(int(state.level[0]), rising.astype(np.intp), held)
    alive = (levels > 0) | over.any(axis=0)
    begun = _begin(alive)
    onset = np.fmin.reduce(over_since, axis=0)[begun]
    if not np.isnan(state.onset[0]):
        onset[(begun == 0) & alive] = state.onset[0]
    # The value that ends an episode is not alive itself: its onset is that of the value before it.
    onset_before = np.concatenate((state.onset, onset[:-1]))
    since = np.where(after > before, over_since[after - 1, index], under_since[before - 1, index])
    found = LevelChanges(index, before, after, since, np.where(alive, onset, onset_before)[index], alive)
    _keep(state, levels, over_since, np.maximum(under_since, np.where(begun > 0, t[begun], -np.inf)), onset, alive)
    return found


def _since(holds: npt.NDArray[np.bool_], since: Floats, t: Floats) -> Floats:
    """Since when each severity holds, after each value: `_since` of `decide`, (3, n)."""
    begun = _begin(holds)
    known = np.where((begun == 0) & (since <= t[0]), since, t[begun])
    return np.where(holds, known, np.nan)


def _begin(holds: npt.NDArray[np.bool_]) -> Ints:
    """For each value, the index at which the run of values began in which it holds; any index where it does not."""
    places = np.arange(holds.shape[-1])
    last_without = np.maximum.accumulate(np.where(holds, -1, places), axis=-1)
    return np.asarray(np.minimum(last_without + 1, len(places) - 1))


def _levels(level: int, rising: Ints, held: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The changes of the level (index, before, after), and the level after each value.

    The level after a value is the higher one of what rises and what is held of the level before: while neither of
    these changes, the level does not.
    """
    code = rising * 8 + held
    places = np.concatenate(([0], np.flatnonzero(code[1:] != code[:-1]) + 1))
    first, found = level, []
    for place, value in zip(places.tolist(), code[places].tolist(), strict=True):
        after = max(value >> 3, _HELD[value & 7][level])
        if after != level:
            found.append((place, level, after))
            level = after
    index, before, after_ = np.array(found, dtype=np.intp).reshape(-1, 3).T
    lengths = np.diff(index, prepend=0, append=len(code))
    return index, before, after_, np.repeat(np.concatenate(([first], after_)), lengths)


def _keep(state: Rows, levels: Ints, over: Floats, under: Floats, onset: Floats, alive: npt.NDArray[np.bool_]) -> None:
    """What is kept after the last value."""
    last = bool(alive[-1])
    state.level, state.over = levels[-1:].astype(np.float64), over[:, -1:]
    state.under = under[:, -1:] if last else np.full((3, 1), np.nan)
    state.onset = onset[-1:] if last else np.array([np.nan])
