"""What the rules of rows ask, as columns of numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.base.columns import Columns, Floats, Ints, Rows, RowValues, Slots
from detectors.base.detector import Detector
from detectors.base.evidence import Parts, SeriesInfo
from detectors.base.vector_detector import VectorDetector
from detectors.engine.tables.column_table import ColumnTable
from detectors.engine.tables.decide import DECISION_PARAMS, decision_values
from ward.config.rule import ResolvedRule


@dataclass(frozen=True, slots=True)
class _Known:
    """The numbers of one rule at one kind of series. What they were calculated from is kept beside them, so that the
    ids in their key are not used again."""

    resolved: ResolvedRule
    series: SeriesInfo | Parts
    detector: Floats
    decision: Floats
    least_threshold: float


class RowParams:
    """The parameters of the detector and of the decision, by slot."""

    def __init__(self, detector: Detector[Any]) -> None:
        self._for = detector
        self._detector: ColumnTable | None = None
        self._decision = ColumnTable(DECISION_PARAMS)
        self._known: dict[tuple[Any, ...], _Known] = {}
        # The least score that any severity asks for: a row with less needs no decision.
        self.least_threshold: Floats = np.empty(0)

    def _numbers(self, resolved: ResolvedRule, series: SeriesInfo | Parts) -> _Known:
        """The numbers of a rule at a series. Most rows of a rule have the same: they are calculated once."""
        key = id(resolved), *(_key(series) if isinstance(series, SeriesInfo) else map(_key, series))
        known = self._known.get(key)
        if known is None:
            values = self._values(resolved, series)
            if self._detector is None:
                widths = {name: 1 if isinstance(v, int | float) else len(v) for name, v in values.items()}
                self._detector = ColumnTable(Columns(**{name: (np.nan, width) for name, width in widths.items()}))
                self._detector.grow(len(self.least_threshold))
            decision, least = decision_values(resolved.decision), min(resolved.decision.severity.values())
            known = _Known(resolved, series, self._detector.vector(values), self._decision.vector(decision), least)
            self._known[key] = known
        return known

    def _values(self, resolved: ResolvedRule, series: SeriesInfo | Parts) -> RowValues:
        if isinstance(series, SeriesInfo):
            return self._for.row(resolved.params, series)
        assert isinstance(self._for, VectorDetector)
        return self._for.row_of_parts(resolved.params, series)

    def set(self, slot: int, resolved: ResolvedRule, series: SeriesInfo | Parts) -> None:
        """Set what the row in a slot asks. There must be room for it."""
        known = self._numbers(resolved, series)
        assert self._detector is not None
        self._detector.set_vector(slot, known.detector)
        self._decision.set_vector(slot, known.decision)
        self.least_threshold[slot] = known.least_threshold

    def grow(self, capacity: int) -> None:
        """Make room for `capacity` rows."""
        more = capacity - len(self.least_threshold)
        self.least_threshold = np.concatenate((self.least_threshold, np.zeros(more)))
        self._decision.grow(capacity)
        if self._detector is not None:
            self._detector.grow(capacity)

    def detector(self, slots: Slots) -> Rows:
        """The parameters of the detector."""
        assert self._detector is not None
        return self._detector.take(slots)

    def detector_along(self, slots: Ints) -> Rows:
        """The parameters of the detector with an axis of time at the end."""
        assert self._detector is not None
        return self._detector.take_along(slots)

    def decision(self, slots: Slots) -> Rows:
        """The parameters of the decision: thresholds, `for`, `keep_firing_for`, `clear_below`, `every`."""
        return self._decision.take(slots)

    def every(self, slots: Slots) -> Floats:
        """The lengths of the windows of `every:` in seconds."""
        return self._decision.column("every")[slots]


def _key(series: SeriesInfo) -> tuple[Any, ...]:
    return id(series.signal), series.period, series.silent_after, series.expected, series.timezone
