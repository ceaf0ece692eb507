"""One detector on one series or one vector, as the engine evaluates a row: scores, and the decisions on them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Columns, Floats, Ints, Rows, row_after
from detectors.base.detector import Detector
from detectors.base.evidence import Parts, SeriesInfo
from detectors.engine.tables.column_table import ColumnTable
from detectors.engine.tables.decide import DECISION
from detectors.engine.tables.decide_many import decide_many
from detectors.engine.tables.row_params import RowParams
from detectors.engine.tables.windows import WINDOW, add_many_to_windows
from ward.config.rule import ResolvedRule
from ward.signals import Signal

# Values that are given to a detector one by one until it is asked again whether it takes many: it may have learned.
STEPS = 1024
ROW = slice(0, 1)
_ONE: Ints = np.zeros(1, dtype=np.intp)

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """For each value the score of the engine, which is 1 at the limit and NaN while there are too few values, and
    whether there is an alert after it."""

    score: Floats
    alert: Bools


@dataclass(frozen=True, slots=True)
class Closed:
    """Windows of `every` that ended: the indices of the values that ended them, the means (parts, windows), and the
    instants of their ends in seconds."""

    index: Ints
    mean: Floats
    end: Floats


_NOTHING = Scores(np.empty(0), np.empty(0, dtype=np.bool_))


class Scorer(ABC):
    """Evaluates values with a detector and the decision of its rule: `for`, `keep_firing_for`, `clear_below`,
    thresholds, and means over `every`.

    With `every` a value has the score of the last window that ended.
    """

    def __init__(
        self, detector: Detector[Any], rule: ResolvedRule, about: SeriesInfo | Parts, state: Columns, window: Columns
    ) -> None:
        self._detector = detector
        self._params = RowParams(detector)
        self._params.grow(1)
        self._params.set(0, rule, about)
        self._every = rule.decision.every
        self._state, self._decision, self._window = map(ColumnTable, (state, DECISION, window))
        for table in (self._state, self._decision, self._window):
            table.grow(1)
        self._last = Scores(np.array([np.nan]), np.array([False]))

    def evaluate(self, x: Floats, t: Floats, first: int = 0) -> Scores:
        """Take many values (parts, n), with times in seconds that rise, also from one call to the next.

        Decisions begin with the value of index `first`: those before only teach the detector. Raises what the detector
        raises.
        """
        if not len(t):
            return _NOTHING
        with np.errstate(all="ignore"):
            scores = self._means(x, t, first) if self._every else self._values(self._ready(x, t), t, first)
        self._last = Scores(scores.score[-1:], scores.alert[-1:])
        return scores

    @property
    def alert(self) -> bool:
        """Whether there is an alert after the last value."""
        return bool(self._last.alert[0])

    @abstractmethod
    def _ready(self, x: Floats, t: Floats) -> Floats:
        """What is given to the detector, with time as the last axis; the first entry is the value."""

    @abstractmethod
    def _given(self, state: Rows, ready: Floats, *, along: bool) -> Floats:
        """The argument of `update`, or with `along` of `update_many`. Sets what belongs to it in the state."""

    @abstractmethod
    def _closed(self, x: Floats, t: Floats, every: float, state: Rows) -> Closed:
        """Add values to their windows."""

    def _means(self, x: Floats, t: Floats, first: int) -> Scores:
        """Evaluate the windows that ended, and give each value the score of the last one."""
        assert self._every is not None
        state = self._window.take(ROW)
        closed = self._closed(x, t, self._every, state)
        self._window.put(ROW, state)
        begin = int(np.searchsorted(closed.index, first))
        found = self._values(self._ready(closed.mean, closed.end), closed.end, begin)
        windows = np.bincount(closed.index, minlength=len(t)).cumsum()
        score, alert = (np.concatenate((last, new)) for last, new in (
            (self._last.score, found.score), (self._last.alert, found.alert),
        ))  # fmt: skip
        return Scores(score[windows], alert[windows])

    def _values(self, ready: Floats, t: Floats, first: int) -> Scores:
        parts, at = [_NOTHING], 0
        while at < len(t):
            part, size = self._block(ready[..., at:], t[at:], first - at)
            parts.append(part)
            at += size
        return Scores(np.concatenate([part.score for part in parts]), np.concatenate([part.alert for part in parts]))

    def _block(self, ready: Floats, t: Floats, first: int) -> tuple[Scores, int]:
        """Evaluate all values at once where the detector can, else the first ones; and how many they are."""
        state = self._state.take_along(_ONE)
        x = self._given(state, ready, along=True)
        score = self._detector.update_many(state, x, t, self._params.detector_along(_ONE))
        if score is None:
            some = range(min(STEPS, len(t)))
            parts = [self._one(ready[..., i : i + 1], t[i : i + 1], first <= i) for i in some]
            found = Scores(np.array([part.score[0] for part in parts]), np.array([part.alert[0] for part in parts]))
            return found, len(parts)
        self._state.put_last(_ONE, state)
        return Scores(score[0], self._decided(score[0], ready[0], t, state, max(first, 0))), len(t)

    def _one(self, ready: Floats, t: Floats, decide: bool) -> Scores:
        state = self._state.take(ROW)
        x = self._given(state, ready, along=False)
        score = self._detector.update(state, x, t, self._params.detector(ROW))
        self._state.put(ROW, state)
        return Scores(score, self._decided(score, ready[0], t, state, 0 if decide else 1, along=False))

    def _decided(self, score: Floats, x: Floats, t: Floats, state: Rows, first: int, *, along: bool = True) -> Bools:
        """Whether there is an alert after each value; from `first` on as the engine decides."""
        level = int(self._decision.column("level")[0])
        steps = first + np.flatnonzero(score[first:] == score[first:])  # not NaN
        quiet = level == 0 and np.isnan(self._decision.column("onset")[0])
        if not len(steps) or (quiet and not (score[steps] >= self._params.least_threshold[0]).any()):
            return np.full(len(score), level > 0)
        rows = np.zeros(len(steps), dtype=np.intp)
        asked, p = self._params.decision(rows), self._params.detector(rows)
        after = row_after(state, 0, steps) if along else state
        ratios = self._detector.threshold_ratios(score[steps], after, x[..., steps], t[steps], p, asked.thresholds)
        decision = self._decision.take(ROW)
        changes = decide_many(ratios, t[steps], decision, self._params.decision(ROW))
        self._decision.put(ROW, decision)
        lengths = np.diff(steps[changes.index], prepend=0, append=len(score))
        return np.repeat(np.concatenate(([level], changes.after)) > 0, lengths)


class SeriesScorer(Scorer):
    """Evaluates one series: values are (1, n)."""

    def __init__(self, detector: Detector[Any], rule: ResolvedRule, signal: Signal) -> None:
        super().__init__(detector, rule, SeriesInfo(signal), detector.columns, WINDOW)

    def _ready(self, x: Floats, t: Floats) -> Floats:
        return x

    def _given(self, state: Rows, ready: Floats, *, along: bool) -> Floats:
        return ready if along else np.asarray(ready[0])

    def _closed(self, x: Floats, t: Floats, every: float, state: Rows) -> Closed:
        found = add_many_to_windows(x[0], t, every, state)
        return Closed(found.index, found.mean[None], found.end)


def unknown_signal(name: str, precision: int) -> Signal:
    """The signal of a series of which nothing is known but how many digits after the point its values have."""
    return Signal(name=name, label=name, unit="1", display="", precision=precision)
