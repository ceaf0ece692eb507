"""The alerts of a series: when each began and ended, and its highest score."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from app.detect.series import Evaluated
from detectors.base.columns import Floats

MOST_LISTED = 1000  # the others are counted


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: `begin` and `end` are the times of its first and last value, `at` and `value` those of the one with
    the highest `score`; of a vector `value` is that score. Times are in seconds."""

    begin: float
    end: float
    at: float
    value: float
    score: float


@dataclass(slots=True)
class AlertList:
    """Collects the alerts of one series; `count` are all of them, and `listed` the first ones."""

    listed: list[Alert] = field(default_factory=list)
    count: int = 0
    _open: Alert | None = None

    def add(self, x: Floats, t: Floats, evaluated: Evaluated) -> None:
        """Take the next rows, in the order in which they were evaluated."""
        scored = np.flatnonzero(evaluated.score == evaluated.score)  # not NaN: only these change an alert
        if not len(scored):
            return
        alert, score, x, t = evaluated.alert[scored], evaluated.score[scored], x[scored], t[scored]
        edges = [0, *(np.flatnonzero(alert[1:] != alert[:-1]) + 1).tolist(), len(alert)]
        for begin, end in pairwise(edges):
            if not alert[begin]:
                self.close()
                continue
            worst = begin + int(score[begin:end].argmax())
            first, last, at = float(t[begin]), float(t[end - 1]), float(t[worst])
            self._extend(Alert(first, last, at, float(x[worst]), float(score[worst])))

    def close(self) -> None:
        """The alert that is there has ended."""
        if self._open is not None and len(self.listed) < MOST_LISTED:
            self.listed.append(self._open)
        self._open = None

    def _extend(self, more: Alert) -> None:
        before = self._open
        self.count += before is None
        worst = more if before is None or more.score > before.score else before
        self._open = replace(worst, begin=(before or more).begin, end=more.end)
