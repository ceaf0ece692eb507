"""Rows of one detector without an engine: thousands of series through nothing but its `update`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from detectors.base.columns import Columns, Floats, Ints, Rows
from detectors.base.detector import Detector
from detectors.base.evidence import SeriesInfo
from detectors.base.registry import discover
from detectors.base.vector_detector import VectorDetector
from detectors.engine.tables.column_table import ColumnTable
from ward.config.rule import split_settings
from ward.signals import Signal

# The parts of a vector whose rule chooses them: a monitor's vital signs.
PARTS = 6
SUBJECT = SeriesInfo(Signal(name="x", label="X", unit="1", display="", precision=2))


def fresh_rows(columns: Columns, count: int) -> Rows:
    """So many rows at their start.

    >>> fresh_rows(Columns(level=2.0), 3).level
    array([2., 2., 2.])
    """
    table = ColumnTable(columns)
    table.grow(count)
    return table.take(slice(0, count))


class DetectorRows:
    """`series` rows of a detector with the same settings, all at their start; of a detector of vectors as many vectors,
    each with `parts` signals, 1 for a detector of series."""

    def __init__(self, name: str, settings: Mapping[str, Any], series: int = 1, about: SeriesInfo = SUBJECT) -> None:
        self.detector: Detector[Any] = discover()[name]()
        _, params = split_settings(dict(settings))
        checked, fixed = self.detector.params.model_validate(params), self.detector.params.parts
        self.parts = 1 if fixed is None else len(fixed) or PARTS
        values, columns = self.detector.row(checked, about), self.detector.columns
        if isinstance(self.detector, VectorDetector):
            values = self.detector.row_of_parts(checked, (about,) * self.parts)
            columns = self.detector.columns_of(self.parts)
        widths = {key: 1 if isinstance(value, int | float) else len(value) for key, value in values.items()}
        self._params = ColumnTable(Columns(**{key: (np.nan, width) for key, width in widths.items()}))
        self.state = ColumnTable(columns)
        for table in (self._params, self.state):
            table.grow(series)
        self._params.data[:] = self._params.vector(values)[:, None]
        self.series = series

    @property
    def parameters(self) -> int:
        """The number of parameters of a row."""
        return self._params.width

    def update(self, x: Floats, t: float) -> Floats:
        """The scores after one value of each series, all at `t` seconds; of vectors with one number for all parts, or
        with `x` as (parts, series)."""
        some = slice(0, self.series)
        rows = self.state.take(some)
        if self.parts > 1:
            x = np.broadcast_to(x, (self.parts, self.series))
            rows.value, rows.measured_at = x, np.full(x.shape, t)
        score = self.detector.update(rows, x, np.full(self.series, t), self._params.take(some))
        self.state.put(some, rows)
        return score

    def along(self, x: Floats, t: Floats) -> tuple[Floats | None, Rows]:
        """The scores after many values of each series, (series, n), at `t` seconds, (n,), and the state along them; no
        scores where the detector must take one value after the other now. Of vectors `x` is (parts, series, n)."""
        slots = np.arange(self.series)
        state = self.state.take_along(slots)
        if self.parts > 1:
            state.value, state.measured_at = x, np.broadcast_to(t, x.shape)
        scores = self.detector.update_many(state, x, t, self._params.take_along(slots))
        if scores is not None and len(t):
            self.state.put_last(slots, state)
        return scores, state

    def keep(self, some: Ints) -> None:
        """Go on with some of the series alone."""
        self.state.data[:, : len(some)] = self.state.data[:, some]
        for column in self.state.wide.values():
            column[: len(some)] = column[some]
        self.series = len(some)

    def rows(self) -> tuple[Rows, Rows]:
        """State and parameters of all series."""
        some = slice(0, self.series)
        return self.state.take(some), self._params.take(some)
