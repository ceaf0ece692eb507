"""A straight line through the daily means of a signal, and in how many days it would cross a limit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ward.config.config import Config
from ward.inventory import Place

MIN_DAYS = 5  # days
SIGNIFICANT_ERRORS = 5.0  # standard errors; successive days are correlated, so three would be too few
MAX_DAYS_AHEAD = 365.0  # days: a crossing later than this is not reported


@dataclass(frozen=True, slots=True)
class Trend:
    """The line through `days` daily means.

    `level` is its value on the last day, `per_day` its slope and `error` the slope's standard error, in the signal's
    unit.

    >>> drift = Trend(days=20, level=37.0, per_day=0.05, error=0.001)
    >>> drift.significant, Trend(days=20, level=37.0, per_day=0.05, error=0.02).significant
    (True, False)
    """

    days: int
    level: float
    per_day: float
    error: float

    @property
    def significant(self) -> bool:
        """Whether the slope differs from 0 by more than `SIGNIFICANT_ERRORS` standard errors."""
        slope = abs(self.per_day)
        return self.days >= MIN_DAYS and slope > SIGNIFICANT_ERRORS * self.error and slope > 1e-9

    def limit_crossing(self, limits: tuple[Sequence[float], Sequence[float]]) -> tuple[float, float] | None:
        """(limit, days until the line reaches it), of (lower, upper) limits; None when that is not within a year.

        >>> Trend(days=20, level=37.0, per_day=0.25, error=0.001).limit_crossing(([35.0], [38.0, 39.0]))
        (38.0, 4.0)
        """
        low, high = limits
        candidates = [n for n in (high if self.per_day > 0 else low) if (n - self.level) * self.per_day > 0]
        if not self.significant or not candidates:
            return None
        limit = min(candidates, key=lambda n: abs(n - self.level))
        days = (limit - self.level) / self.per_day
        return (limit, days) if days <= MAX_DAYS_AHEAD else None


def trend(days: Sequence[float], means: Sequence[float]) -> Trend | None:
    """The least-squares line through `means` (n,) at `days` (n,); None for fewer than three or equal days.

    Source: Montgomery, Peck and Vining, Introduction to Linear Regression Analysis, section 2.2.

    >>> trend([0, 1, 2, 3], [36.0, 36.5, 37.0, 37.5])
    Trend(days=4, level=37.5, per_day=0.5, error=0.0)
    >>> trend([0, 1], [36.0, 36.5]) is None
    True
    """
    n = len(days)
    if n < 3:
        return None
    t, x = np.asarray(days, dtype=float), np.asarray(means, dtype=float)
    spread = float(((t - t.mean()) ** 2).sum())
    if spread <= 0 or not np.isfinite(x).all():
        return None
    slope = float(((t - t.mean()) * (x - x.mean())).sum() / spread)
    level = float(x.mean() + slope * (t[-1] - t.mean()))
    residuals = x - x.mean() - slope * (t - t.mean())
    return Trend(n, level, slope, math.sqrt(float((residuals**2).sum()) / (n - 2) / spread))


def limits(config: Config, device: str, place: Place, signal: str) -> tuple[list[float], list[float]]:
    """The (lower, upper) limits of a signal, in its unit, that apply to a device at a place."""
    found: tuple[list[float], list[float]] = ([], [])
    for rule in config.rules:
        resolved = rule.resolve(device, place) if rule.detector == "limits" and signal in rule.signals else None
        if resolved is not None:
            params = resolved.params.model_dump()
            side = found[params.get("side") == "high"]
            side += [float(params[band]) for band in ("low", "medium", "high") if params.get(band) is not None]
    return found
