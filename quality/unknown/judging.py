"""How the scores of labelled series are judged: area under precision and recall, the score of NAB, and alerts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats

Labels = npt.NDArray[np.bool_]
Windows = Sequence[tuple[int, int]]


class Profile(NamedTuple):
    """What a found window, a false alarm and a missed window weigh."""

    found: float
    false: float
    missed: float


PROFILES = {"standard": Profile(1, 0.11, 1), "low FP": Profile(1, 0.22, 1), "low FN": Profile(1, 0.11, 2)}


def average_precision(labels: Labels, scores: Floats) -> float:
    """The area under precision and recall as a sum of steps, where equal scores are one step; NaN without a label.

    >>> average_precision(np.array([True, False, True]), np.array([3.0, 2.0, 1.0])).__round__(4)
    0.8333
    """
    if not labels.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits, last = np.cumsum(labels[order]), np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    recall, precision = hits[last] / hits[-1], hits[last] / (last + 1)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def volume(windows: Windows, scores: Floats, buffers: Sequence[int] = (0, 8, 16, 32)) -> float:
    """The mean of the areas with labels that are wider by so many values on each side: being a little early or late
    costs little, after the idea of VUS-PR (Paparrizos, J. et al. (2022), Volume under the surface, PVLDB 15)."""
    return float(np.mean([average_precision(_widened(windows, len(scores), by), scores) for by in buffers]))


def nab_points(windows: Windows, alarms: Labels, scored_from: int, profile: Profile) -> float:
    """The points of the Numenta Anomaly Benchmark for one series.

    Each value with an alarm outside of the windows costs by its distance from the window before, as a sigmoid; the
    first one in a window gains by how early it is, and a window without one costs.
    Lavin, A. and Ahmad, S. (2015), Evaluating real-time anomaly detection algorithms.
    """
    total, places = 0.0, np.flatnonzero(alarms)
    places = places[places >= scored_from]
    for begin, end in windows:
        inside = places[(places >= begin) & (places < end)]
        width = max(end - begin - 1, 1)
        if len(inside):
            total += profile.found * _sigmoid((inside[0] - end + 1) / width) / _sigmoid(-1.0)
        else:
            total -= profile.missed
    for place in places.tolist():
        if not any(begin <= place < end for begin, end in windows):
            before = [(place - end + 1) / max(end - begin - 1, 1) for begin, end in windows if end <= place]
            total += profile.false * (_sigmoid(min(before)) if before else -1.0)
    return total


def nab_score(points: float, windows: int, profile: Profile) -> float:
    """The score of all series together, from the sum of their points and the number of their windows: 100 is every
    window found at its begin without a false alarm, 0 is no alarm at all.

    >>> nab_score(0.0, 3, PROFILES["standard"])
    50.0
    """
    return 100 * (points + profile.missed * windows) / ((profile.found + profile.missed) * windows)


def episodes(alarms: Labels) -> npt.NDArray[np.intp]:
    """Where alerts begin: one for values in a row.

    >>> episodes(np.array([False, True, True, False, True])).tolist()
    [1, 4]
    """
    return np.flatnonzero(alarms & ~np.concatenate(([False], alarms[:-1])))


def _sigmoid(y: float) -> float:
    """From 1 well before the end of a window to −1 well after it."""
    return float(2 / (1 + np.exp(min(5 * y, 700.0))) - 1)


def _widened(windows: Windows, n: int, by: int) -> Labels:
    labels = np.zeros(n, dtype=bool)
    for begin, end in windows:
        labels[max(begin - by, 0) : end + by] = True
    return labels
