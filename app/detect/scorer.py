"""One detector on one series, as the engine evaluates a row: scores, and the decisions on them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats, Ints, Rows, row_after
from detectors.base.detector import Detector
from detectors.base.evidence import SeriesInfo
from detectors.engine.tables.column_table import ColumnTable
from detectors.engine.tables.decide import DECISION
from detectors.engine.tables.decide_many import decide_many
from detectors.engine.tables.row_params import RowParams
from detectors.engine.tables.windows import WINDOW, add_many_to_windows
from ward.config.rule import ResolvedRule
from ward.signals import Signal

# Values that are given to a detector one by one until it is asked again whether it takes many: it may have learned.
STEPS = 1024
_ONE: Ints = np.zeros(1, dtype=np.intp)
_ROW = slice(0, 1)

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """For each value the score of the engine, which is 1 at the limit and NaN while there are too few values, and
    whether there is an alert after it."""

    score: Floats
    alert: Bools


class Scorer:
    """Evaluates one series with a detector and the decision of its rule: `for`, `keep_firing_for`, `clear_below`,
    thresholds, and means over `every`.

    With `every` a value has the score of the last window that ended.
    """

    def __init__(self, detector: Detector[Any], rule: ResolvedRule, signal: Signal) -> None:
        self.name = detector.name
        self._detector = detector
        self._params = RowParams(detector)
        self._params.grow(1)
        self._params.set(0, rule, SeriesInfo(signal))
        self._every = rule.decision.every
        self._state, self._decision, self._window = map(ColumnTable, (detector.columns, DECISION, WINDOW))
        for table in (self._state, self._decision, self._window):
            table.grow(1)
        self._last = Scores(np.array([np.nan]), np.array([False]))

    def evaluate(self, x: Floats, t: Floats, first: int = 0) -> Scores:
        """Take many values, with times in seconds that rise, also from one call to the next.

        Decisions begin with the value of index `first`: those before only teach the detector. Raises what the detector
        raises.
        """
        if not len(x):
            return Scores(np.empty(0), np.empty(0, dtype=np.bool_))
        with np.errstate(all="ignore"):
            scores = self._means(x, t, first) if self._every else self._values(x, t, first)
        self._last = Scores(scores.score[-1:], scores.alert[-1:])
        return scores

    @property
    def alert(self) -> bool:
        """Whether there is an alert after the last value."""
        return bool(self._last.alert[0])

    def _means(self, x: Floats, t: Floats, first: int) -> Scores:
        """Evaluate the windows that ended, and give each value the score of the last one."""
        assert self._every is not None
        state = self._window.take(_ROW)
        closed = add_many_to_windows(x, t, self._every, state)
        self._window.put(_ROW, state)
        found = self._values(closed.mean, closed.end, int(np.searchsorted(closed.index, first)))
        windows = np.bincount(closed.index, minlength=len(x)).cumsum()
        score, alert = (np.concatenate((last, new)) for last, new in (
            (self._last.score, found.score), (self._last.alert, found.alert),
        ))  # fmt: skip
        return Scores(score[windows], alert[windows])

    def _values(self, x: Floats, t: Floats, first: int) -> Scores:
        parts, at = [], 0
        while at < len(x):
            part, size = self._block(x[at:], t[at:], first - at)
            parts.append(part)
            at += size
        if not parts:
            return Scores(np.empty(0), np.empty(0, dtype=np.bool_))
        return Scores(np.concatenate([part.score for part in parts]), np.concatenate([part.alert for part in parts]))

    def _block(self, x: Floats, t: Floats, first: int) -> tuple[Scores, int]:
        """Evaluate all values at once where the detector can, else the first ones; and how many they are."""
        state = self._state.take_along(_ONE)
        score = self._detector.update_many(state, x[None], t, self._params.detector_along(_ONE))
        if score is None:
            parts = [self._one(x[i : i + 1], t[i : i + 1], first <= i) for i in range(min(STEPS, len(x)))]
            found = Scores(np.array([part.score[0] for part in parts]), np.array([part.alert[0] for part in parts]))
            return found, len(parts)
        self._state.put_last(_ONE, state)
        return Scores(score[0], self._decided(score[0], x, t, state, max(first, 0))), len(x)

    def _one(self, x: Floats, t: Floats, decide: bool) -> Scores:
        state = self._state.take(_ROW)
        score = self._detector.update(state, x, t, self._params.detector(_ROW))
        self._state.put(_ROW, state)
        return Scores(score, self._decided(score, x, t, state, 0 if decide else 1, along=False))

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
        ratios = self._detector.threshold_ratios(score[steps], after, x[steps], t[steps], p, asked.thresholds)
        decision = self._decision.take(_ROW)
        changes = decide_many(ratios, t[steps], decision, self._params.decision(_ROW))
        self._decision.put(_ROW, decision)
        lengths = np.diff(steps[changes.index], prepend=0, append=len(score))
        return np.repeat(np.concatenate(([level], changes.after)) > 0, lengths)


def unknown_signal(name: str, precision: int) -> Signal:
    """The signal of a series of which nothing is known but how many digits after the point its values have."""
    return Signal(name=name, label=name, unit="1", display="", precision=precision)
