"""The scores of SKAB's leaderboard: outliers by rows, change points by NAB's profiles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats
from quality.unknown.judging import PROFILES

Flags = npt.NDArray[np.bool_]
# Seconds after a change point in which its detection counts, the sooner the more.
WINDOW = 60.0


class Outliers(NamedTuple):
    """F1, the share of normal rows that are flagged, and the share of anomalous rows that are not, both in percent."""

    f1: float
    far: float
    mar: float


@dataclass(frozen=True)
class Marked:
    """The scored part of one run: times in seconds, the labels of anomalous rows and of change points, and what was
    found of both."""

    t: Floats
    anomaly: Flags
    changepoint: Flags
    flagged: Flags
    changed: Flags


def outliers(runs: Sequence[Marked]) -> Outliers:
    """All rows of all runs pooled.

    >>> one = Marked(np.arange(4.0), np.array([False, False, True, True]), np.zeros(4, bool),
    ...              np.array([True, False, True, True]), np.zeros(4, bool))
    >>> outliers([one])
    Outliers(f1=0.8, far=50.0, mar=0.0)
    """
    true = np.concatenate([run.anomaly for run in runs])
    found = np.concatenate([run.flagged for run in runs])
    hit, false, missed = (int(both.sum()) for both in (true & found, ~true & found, true & ~found))
    far, mar = 100 * false / max(1, int((~true).sum())), 100 * missed / max(1, int(true.sum()))
    return Outliers(2 * hit / max(1, 2 * hit + false + missed), far, mar)


def nab(runs: Sequence[Marked], profile: str) -> float:
    """The score of change points of all runs together: 0 for no detection at all, 100 for each at once and none false.

    As in SKAB: the first detection within `WINDOW` counts by a tanh from 1 at the change point to that of a false one
    at its end; each outside of all windows is false. Where windows overlap, the later one begins at the end of the
    earlier one.
    """
    hit, false, missed = np.multiply(PROFILES[profile], (1, -1, -1)).tolist()
    total = count = 0.0
    for run in runs:
        found = run.t[run.changed]
        inside = np.zeros(len(found), dtype=np.bool_)
        for begin, end in _windows(run.t[run.changepoint]):
            within = (found >= begin) & (found <= end)
            inside |= within
            count += 1
            total += _at(found[within][0], begin, end, hit, false) if within.any() else missed
        total += false * int((~inside).sum())
    return float(100 * (total - count * missed) / (count * (hit - missed)))


def _windows(points: Floats) -> Iterator[tuple[float, float]]:
    last = -np.inf
    for point in points.tolist():
        begin, last = max(point, last), point + WINDOW
        yield begin, last


def _at(found: float, begin: float, end: float, hit: float, false: float) -> float:
    """What a detection counts by its place in the window."""
    place = np.pi * (min(1.0, (found - begin) / (end - begin)) - 0.5) if end > begin else -np.pi / 2
    return float((hit - false) / 2 * (1 - np.tanh(place) / np.tanh(np.pi / 2)) + false)
