"""One detector of vectors on several columns together."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.detect.scorer import Closed, Scorer, Scores, SeriesScorer, unknown_signal
from detectors.base.columns import Floats, Rows
from detectors.base.detector import Detector
from detectors.base.evidence import SeriesInfo
from detectors.base.vector_detector import VectorDetector
from detectors.engine.tables.vector_windows import add_to_vector_windows, vector_window
from ward.config.rule import ResolvedRule
from ward.config.rule_building.vector_faults import FEWEST
from ward.errors import InputError
from ward.signals import Signal


class VectorScorer(Scorer):
    """Evaluates vectors: values are (columns, n), NaN for a column without a value at that time, whose last value is
    the newest then. `places` has for each part of the detector the column that it is, None where there is none."""

    def __init__(
        self, detector: VectorDetector[Any], rule: ResolvedRule, signals: Sequence[Signal], places: Sequence[int | None]
    ) -> None:
        self._places = places
        width = len(places)
        super().__init__(
            detector, rule, tuple(map(SeriesInfo, signals)), detector.columns_of(width), vector_window(width)
        )  # fmt: skip

    def evaluate(self, x: Floats, t: Floats, first: int = 0) -> Scores:
        absent = np.full(len(t), np.nan)
        return super().evaluate(np.array([absent if i is None else x[i] for i in self._places]), t, first)

    def _ready(self, x: Floats, t: Floats) -> Floats:
        """The newest value of each part and its time, (2, parts, n)."""
        before, there = self._state.take(slice(0, 1)), ~np.isnan(x)
        newest = np.maximum.accumulate(np.where(there, np.arange(1, len(t) + 1), 0), axis=1)
        both = (before.value, x), (before.measured_at, np.broadcast_to(t, x.shape))
        return np.stack([np.take_along_axis(np.concatenate(pair, axis=1), newest, axis=1) for pair in both])

    def _given(self, state: Rows, ready: Floats, *, along: bool) -> Floats:
        state.value, state.measured_at = ready[:, :, None] if along else ready
        return np.asarray(state.value)

    def _closed(self, x: Floats, t: Floats, every: float, state: Rows) -> Closed:
        index, means, ends = [], [np.empty((len(x), 0))], []
        for i in range(len(t)):
            found = add_to_vector_windows(x[:, i : i + 1], t[i : i + 1], np.array([every]), state)
            if len(found.rows):
                index.append(i)
                means.append(found.mean)
                ends.append(float(found.end[0]))
        return Closed(np.array(index, dtype=np.intp), np.concatenate(means, axis=1), np.array(ends))


def make_scorer(detector: type[Detector[Any]], rule: ResolvedRule, signals: Sequence[Signal]) -> Scorer:
    """What evaluates these columns together: one, or several for a detector of vectors.

    A detector that reads certain signals gets the columns of their names. Raises `InputError`.
    """
    parts = detector.params.parts
    if parts is None:
        if len(signals) > 1:
            raise InputError(
                f"{len(signals)} columns were chosen, and {detector.name} evaluates one: --each evaluates each of them "
                "as a series of its own"
            )
        return SeriesScorer(detector(), rule, signals[0])
    names = [signal.name for signal in signals]
    if not parts:
        if len(signals) < FEWEST:
            raise InputError(
                f"{detector.name} evaluates several columns together, and one was chosen: name more with --value, and "
                "leave --each out"
            )
        return VectorScorer(_vector(detector), rule, signals, range(len(signals)))
    places = [names.index(part) if part in names else None for part in parts]
    if unknown := [name for name in names if name not in parts]:
        raise InputError(f"{detector.name} does not read a column '{unknown[0]}': it reads {', '.join(parts)}")
    known = [unknown_signal(part, 2) if i is None else signals[i] for part, i in zip(parts, places, strict=True)]
    return VectorScorer(_vector(detector), rule, known, places)


def _vector(detector: type[Detector[Any]]) -> VectorDetector[Any]:
    found = detector()
    assert isinstance(found, VectorDetector)
    return found
