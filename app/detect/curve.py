"""A series for a plot: a bounded number of points of which the highest and lowest values are kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from app.detect.row_state import RowState
from app.detect.scorer import Bools
from app.detect.series import Evaluated
from detectors.base.columns import Floats

GAP = 10  # times the usual distance of two sections, from which the line is broken
POINTS = 1000  # sections of a series; each is drawn by its lowest and its highest value


@dataclass(slots=True)
class Curve:
    """The rows of a series in `sections`: of each the lowest and highest value with their times, the first time, the
    highest score, and whether there is an alert or the detector is warming up. NaN where a section has no value. `rows`
    are all that will come."""

    name: str
    rows: int
    begin: Floats = field(init=False)
    low: Floats = field(init=False)
    low_at: Floats = field(init=False)
    high: Floats = field(init=False)
    high_at: Floats = field(init=False)
    score: Floats = field(init=False)
    alert: Bools = field(init=False)
    warm: Bools = field(init=False)
    _taken: int = 0

    def __post_init__(self) -> None:
        sections = max(1, min(self.rows, POINTS))
        for name in ("begin", "low", "low_at", "high", "high_at", "score"):
            setattr(self, name, np.full(sections, np.nan))
        self.alert, self.warm = np.zeros(sections, dtype=np.bool_), np.zeros(sections, dtype=np.bool_)

    def add(self, x: Floats, t: Floats, evaluated: Evaluated) -> None:
        """Take the next rows: their values and times in seconds, NaN for those that are not drawn."""
        numbers = (self._taken + np.arange(len(x))) * len(self.alert) // max(self.rows, 1)
        self._taken += len(x)
        if not len(x):
            return
        edges = [0, *(np.flatnonzero(numbers[1:] != numbers[:-1]) + 1).tolist(), len(x)]
        for begin, end in pairwise(edges):
            self._add(int(numbers[begin]), x[begin:end], t[begin:end], evaluated, slice(begin, end))

    def _add(self, i: int, x: Floats, t: Floats, evaluated: Evaluated, rows: slice) -> None:
        self.alert[i] |= evaluated.alert[rows].any()
        self.warm[i] |= (evaluated.state[rows] == RowState.WARMING_UP).any()
        self.score[i] = np.fmax(self.score[i], np.fmax.reduce(evaluated.score[rows]))
        there = np.flatnonzero((x == x) & (t == t))
        if not len(there):
            return
        lowest, highest = there[x[there].argmin()], there[x[there].argmax()]
        self.begin[i] = np.fmin(self.begin[i], t[there[0]])
        if not x[lowest] >= self.low[i]:
            self.low[i], self.low_at[i] = x[lowest], t[lowest]
        if not x[highest] <= self.high[i]:
            self.high[i], self.high_at[i] = x[highest], t[highest]

    def values(self) -> tuple[Floats, Floats]:
        """Times and values to draw, in the order of time; NaN between two where the line is broken."""
        low_first = self.low_at <= self.high_at
        pairs = ((self.low_at, self.high_at), (self.low, self.high))
        t, x = (np.stack((np.where(low_first, a, b), np.where(low_first, b, a)), axis=1) for a, b in pairs)
        return self._broken(t, x)

    def scores(self) -> tuple[Floats, Floats]:
        """The same of the scores."""
        return self._broken(self.begin[:, None], self.score[:, None])

    def spans(self, flags: Bools) -> Iterator[tuple[float, float]]:
        """From when to when `alert` or `warm` holds, as wide as the sections."""
        there = ~np.isnan(self.begin)
        at = self.begin[there]
        edges = np.flatnonzero(np.diff(flags[there].astype(np.int8), prepend=0, append=0))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            yield float(at[begin]), float(at[min(end, len(at) - 1)])

    def _broken(self, t: Floats, x: Floats) -> tuple[Floats, Floats]:
        """Sections (n, points) as one line, with NaN after the sections before a gap."""
        steps = np.diff(self.begin, append=np.nan)
        usual = np.nanmedian(steps) if (steps == steps).any() else np.inf
        gap = np.where(steps > GAP * usual, np.nan, 0.0)[:, None]
        ends = np.where(np.isnan(gap), np.nan, t[:, -1:])
        return np.hstack((t, ends)).ravel(), np.hstack((x, x[:, -1:] + gap)).ravel()
