"""Means of windows that are compared elsewhere, with those of other devices."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from detectors.base.columns import Columns, Floats, Ints, Slots
from detectors.base.detector import Detector
from detectors.base.peer_columns import GRACE
from detectors.engine.tables.detector_table import Sources
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.tables.series_table import SeriesTable


class WindowMean(NamedTuple):
    """The mean of a row's window that ended at `end`, in seconds, by the reading with the index `origin` in its
    batch."""

    slot: int
    mean: float
    end: float
    origin: int


class MeanTable(SeriesTable):
    """Collects the means of the windows of `every:` that end, and scores nothing. Its state is the window of each row:
    the detector keeps its own where the means are compared."""

    def __init__(self, detector: Detector[Any]) -> None:
        super().__init__(detector, windowed=True, state=Columns())
        self._means: list[WindowMean] = []

    def take_means(self) -> list[WindowMean]:
        """What was collected since the last call. A window that ended too early or too late by the bridge's clock is
        not among them: its device has a wrong clock, or was away."""
        means, self._means = self._means, []
        return means

    def curves(self, slots: Ints) -> None:
        """None: nothing is scored here."""
        return

    def progress(self, slots: Ints, now: float) -> list[str]:
        """None: nothing is scored here."""
        return []

    def _evaluate(
        self, slots: Ints, slot_slice: Slots, x: Floats, t: Floats, sources: Callable[[Ints], Sources]
    ) -> list[LevelChange]:
        origin, received_at = sources(np.arange(len(slots)))
        in_time = np.abs(received_at - t) <= GRACE * self._params.every(slots)
        for i in np.flatnonzero(in_time).tolist():
            self._means.append(WindowMean(int(slots[i]), float(x[i]), float(t[i]), int(origin[i])))
        return []
