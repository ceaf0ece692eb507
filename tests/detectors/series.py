"""Scores of a detector on short series, without an engine."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from detectors.base.columns import Floats
from detectors.base.evidence import SeriesInfo
from quality.rows_of_detector import SUBJECT, DetectorRows

__all__ = ["SUBJECT", "Played", "play"]


class Played:
    """The scores after each value (n,), and the rows with their state after the last one."""

    def __init__(self, scores: Floats, rows: DetectorRows) -> None:
        self.scores = scores
        self.rows = rows

    def state(self, name: str) -> float:
        """A column of the state after the last value."""
        return float(self.rows.state.column(name)[0])

    def progress(self, t: float) -> str:
        """How far the detector is, in words."""
        state, params = self.rows.rows()
        progress = self.rows.detector.progress(state, np.array([t]), params)
        assert progress is not None
        return progress.text(0)


def play(
    name: str, values: Sequence[float] | Floats, times: Sequence[float] | Floats | None = None,
    about: SeriesInfo = SUBJECT, /, **settings: Any,
) -> Played:  # fmt: skip
    """Let a detector score one series, a value a second unless `times` are given."""
    rows = DetectorRows(name, settings, about=about)
    at = np.arange(len(values), dtype=np.float64) if times is None else np.asarray(times, dtype=np.float64)
    with np.errstate(all="ignore"):
        found = [rows.update(np.array([x]), float(t))[0] for x, t in zip(values, at, strict=True)]
    return Played(np.array(found), rows)
