"""One series row by row: which rows are evaluated, and what each of them is."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.detect.row_state import RowState
from app.detect.scorer import Bools, Scorer
from detectors.base.columns import Floats
from detectors.engine.newer_values import LARGEST

States = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Values:
    """Successive rows: `x` are the values of each column (columns, n), NaN where a row has none, and `missing` says
    where its text stands for none. `t` are times in seconds (n,), NaN where a row has none."""

    x: Floats
    missing: Bools
    t: Floats


@dataclass(frozen=True, slots=True)
class Evaluated:
    """For each row its score from 0 to 1, NaN where it has none; its `RowState`; and whether there is an alert."""

    score: Floats
    state: States
    alert: Bools


@dataclass(slots=True)
class Series:
    """Evaluates a series, or a vector of several columns. The first `warm_rows` rows teach the detector: they have no
    score and no alert.

    Only values whose time is after that of every row before are given to the detector, of a vector those where one of
    its columns has a number. A row that is not evaluated leaves the alert as it was: missing data neither begin nor end
    one.
    """

    scorer: Scorer
    warm_rows: int
    _rows: int = 0
    _last: float = field(default=-np.inf)

    def evaluate(self, values: Values) -> Evaluated:
        """Evaluate the next rows."""
        x = np.where(np.abs(values.x) < LARGEST, values.x, np.nan)
        state = self._states(values, x)
        taken = np.flatnonzero(state == RowState.OK)
        warm = max(0, self.warm_rows - self._rows)
        before = self.scorer.alert
        found = self.scorer.evaluate(x[:, taken], values.t[taken], int(np.searchsorted(taken, warm)))
        score = np.full(len(state), np.nan)
        score[taken] = unit_score(found.score)
        state[taken[np.isnan(found.score)]] = RowState.NOT_ENOUGH_DATA
        state[:warm][state[:warm] <= RowState.NOT_ENOUGH_DATA] = RowState.WARMING_UP
        score[:warm] = np.nan
        self._rows += len(state)
        last_taken = np.zeros(len(state), dtype=np.intp)
        last_taken[taken] = 1
        return Evaluated(score, state, np.concatenate(([before], found.alert))[last_taken.cumsum()])

    def _states(self, values: Values, x: Floats) -> States:
        """The state of each row as far as value and time say it: `OK` for a row that is to be evaluated. `x` are the
        values that can be calculated with."""
        state = np.full(len(values.t), RowState.MISSING, dtype=np.int8)
        state[~values.missing.all(axis=0)] = RowState.NOT_A_NUMBER
        state[(np.abs(values.x) >= LARGEST).any(axis=0)] = RowState.TOO_LARGE
        state[(x == x).any(axis=0)] = RowState.OK
        state[np.isnan(values.t)] = RowState.NO_TIME
        timed = np.flatnonzero(state == RowState.OK)
        t = values.t[timed]
        newest = np.maximum.accumulate(np.concatenate(([self._last], t)))
        state[timed[t < newest[:-1]]] = RowState.OUT_OF_ORDER
        state[timed[t == newest[:-1]]] = RowState.REPEATED
        self._last = float(newest[-1])
        return state


def unit_score(score: Floats) -> Floats:
    """The engine's score s from 0 to 1, rising with s: s/(1 + s), which is 0.5 at the limit; 0 below 0, NaN for NaN.

    >>> unit_score(np.array([-3.0, 0.0, 0.5, 1.0, 9.0, np.inf])).round(3).tolist()
    [0.0, 0.0, 0.333, 0.5, 0.9, 1.0]
    """
    positive = np.maximum(score, 0.0)
    return np.where(np.isinf(positive), 1.0, positive / (1.0 + np.where(np.isinf(positive), 0.0, positive)))
