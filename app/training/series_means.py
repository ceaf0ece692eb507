"""Means of the series that a model is trained on: as the engine takes them, with `every` of the rule."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from detectors.base.columns import Floats
from detectors.base.course_vectors import LONGEST_STEP, SMOOTHED, course_vectors
from detectors.engine.newer_values import LARGEST
from detectors.engine.tables.column_table import ColumnTable
from detectors.engine.tables.windows import WINDOW, add_many_to_windows
from ward.errors import InputError

# About 1 GB of means.
MOST_MEANS = 50_000_000
_ROW = slice(0, 1)


@dataclass(frozen=True, slots=True)
class SeriesMeans:
    """The means of one series, oldest first: `t` are the ends of their windows in seconds. `name` is the device, or the
    column of a file."""

    name: str
    t: Floats
    x: Floats

    def between(self, start: float, end: float) -> "SeriesMeans":
        """Those that end after `start` and at `end` at the latest."""
        some = slice(*np.searchsorted(self.t, (start, end), side="right").tolist())
        return SeriesMeans(self.name, self.t[some], self.x[some])

    def vectors(self, lags: int, every: float) -> Floats:
        """The vectors (lags, n) of its courses; none crosses a gap."""
        ends = np.flatnonzero(np.diff(self.t) > LONGEST_STEP * every) + 1
        parts = [part for part in np.split(self.x, ends) if len(part) >= lags + SMOOTHED]
        found = [course_vectors(part, lags) for part in parts]
        return np.concatenate(found, axis=1) if found else np.empty((lags, 0))


@dataclass(slots=True)
class MeansBuilder:
    """Takes the values of one series in parts, in the order of time, and makes the means."""

    name: str
    every: float
    count: int = 0
    _window: ColumnTable = field(default_factory=lambda: ColumnTable(WINDOW))
    _t: list[Floats] = field(default_factory=list)
    _x: list[Floats] = field(default_factory=list)
    _last: float = -np.inf

    def __post_init__(self) -> None:
        self._window.grow(1)

    def add(self, t: Floats, x: Floats) -> None:
        """Take values at times in seconds; what is no number, or not later than all before, is left out."""
        newest = np.maximum.accumulate(np.concatenate(([self._last], np.where(np.isnan(t), -np.inf, t))))
        taken = (np.abs(x) < LARGEST) & (t > newest[:-1])
        if not taken.any():
            return
        self._last = float(newest[-1])
        state = self._window.take(_ROW)
        closed = add_many_to_windows(x[taken], t[taken], self.every, state)
        self._window.put(_ROW, state)
        self.count += len(closed.end)
        self._t.append(closed.end)
        self._x.append(closed.mean)

    def means(self) -> SeriesMeans:
        """All means so far."""
        if not self._t:
            return SeriesMeans(self.name, np.empty(0), np.empty(0))
        return SeriesMeans(self.name, np.concatenate(self._t), np.concatenate(self._x))


def check_count(builders: Iterable[MeansBuilder]) -> None:
    """Raises `InputError` when the means are too many to be kept in memory."""
    if sum(builder.count for builder in builders) > MOST_MEANS:
        raise InputError(
            f"there are more than {MOST_MEANS // 1_000_000} million means: choose fewer devices, a shorter time or a "
            "longer --every"
        )


def data_hash(series: Sequence[SeriesMeans]) -> str:
    """The SHA-256 of all means: of each series in the order of names its name, how many there are, the instants in
    microseconds and the means, as little-endian int64 and float64."""
    found = hashlib.sha256()
    for one in sorted(series, key=lambda each: each.name):
        found.update(f"{one.name}\n{len(one.t)}\n".encode())
        found.update(np.round(one.t * 1e6).astype("<i8").tobytes())
        found.update(one.x.astype("<f8").tobytes())
    return found.hexdigest()
