"""The base class of detectors that evaluate several signals together."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.detector import Detector
from detectors.base.evidence import P, SeriesInfo
from detectors.base.score_report import ScoreReport


class VectorDetector(Detector[P]):
    """Scores vectors: the newest values of several signals, its parts, of one device or of one bed.

    Everything is as for a `Detector`, with one axis more: `x` is (parts, n), the newest value of each part, NaN where
    it has none yet; for `update_many` it is (parts, rows, n). A row is evaluated when any of its parts has a new value;
    `t` is the time of that value. The state has two columns that the engine sets: `value`, which is `x`, and
    `measured_at`, the time of each, so that `age` knows how old it is. With `every:` the parts are means of windows. A
    detector decides itself how old a value may be: a part that is missing or too old is never a number.

    Its `params` have `parts`, the signals that it reads in the order of `x`; `output`, the signal that its findings are
    about, in whose unit their values are; and `scopes`, what it can be about.
    """

    feed = "vector"

    @classmethod
    def columns_of(cls, width: int) -> Columns:
        """All columns of the state of vectors with `width` parts. Override `own_columns` to have some."""
        own = cls.own_columns(width)
        return Columns(**{"value": (np.nan, width), "measured_at": (np.nan, width), **own})

    @classmethod
    def own_columns(cls, width: int) -> Columns:  # noqa: ARG003 - for those that override it
        """The columns that the detector itself keeps of a vector with `width` parts."""
        return cls.columns

    def row_of_parts(self, params: P, parts: Sequence[SeriesInfo]) -> RowValues:
        """The parameters of one row as numbers; `parts` are what is known of each signal, in the order of `x`."""
        return self.row(params, parts[0])

    def report(self, state: Any, p: Any, params: P, t: float) -> ScoreReport | None:
        """The score of one row as screens show it at `t` seconds; None for a detector that is no score, and while
        nothing is known. `state` and `p` are columns of one row."""
        return None

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        """As for a `Detector`; of a vector the score, unless it has a figure of its own."""
        return score, score


def age(state: Any, t: Floats) -> Floats:
    """The age of each part in seconds at `t`, NaN where it has no value yet; a value from the future is new.

    >>> from types import SimpleNamespace
    >>> age(SimpleNamespace(measured_at=np.array([[90.0], [np.nan], [103.0]])), np.array([100.0]))
    array([[10.],
           [nan],
           [ 0.]])
    """
    return np.asarray(np.maximum(t - state.measured_at, 0.0))
