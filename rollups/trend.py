"""A straight line through the daily means of a signal, and the day on which it would cross a limit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ward.config.config import Config
from ward.inventory import Place

FEWEST = 5
SURE = 5.0  # standard errors; days follow each other, so three would be too few
LONGEST = 365.0


@dataclass(frozen=True, slots=True)
class Trend:
    """`level` is where the line is on the last day, `per_day` its slope and `error` the standard error of that."""

    days: int
    level: float
    per_day: float
    error: float

    @property
    def sure(self) -> bool:
        """Whether the change is no chance."""
        return self.days >= FEWEST and abs(self.per_day) > SURE * self.error and abs(self.per_day) > 1e-9

    def crosses(self, limits: tuple[Sequence[float], Sequence[float]]) -> tuple[float, float] | None:
        """The limit it is going to, of lower and upper ones, and in how many days it would be there."""
        low, high = limits
        ahead = [n for n in (high if self.per_day > 0 else low) if (n - self.level) * self.per_day > 0]
        if not self.sure or not ahead:
            return None
        limit = min(ahead, key=lambda n: abs(n - self.level))
        days = (limit - self.level) / self.per_day
        return (limit, days) if days <= LONGEST else None


def trend(days: Sequence[float], means: Sequence[float]) -> Trend | None:
    """Least squares; None for fewer than three days. Montgomery, Peck and Vining, Linear Regression Analysis, 2.2."""
    n = len(days)
    if n < 3:
        return None
    t, x = np.asarray(days, dtype=float), np.asarray(means, dtype=float)
    spread = float(((t - t.mean()) ** 2).sum())
    if spread <= 0 or not np.isfinite(x).all():
        return None
    slope = float(((t - t.mean()) * (x - x.mean())).sum() / spread)
    level = float(x.mean() + slope * (t[-1] - t.mean()))
    left = x - x.mean() - slope * (t - t.mean())
    return Trend(n, level, slope, math.sqrt(float((left**2).sum()) / (n - 2) / spread))


def limits(config: Config, device: str, place: Place, signal: str) -> tuple[list[float], list[float]]:
    """The lower and the upper limits of a signal that hold for a device at a place."""
    found: tuple[list[float], list[float]] = ([], [])
    for rule in config.rules:
        resolved = rule.resolve(device, place) if rule.detector == "limits" and signal in rule.signals else None
        if resolved is not None:
            params = resolved.params.model_dump()
            side = found[params.get("side") == "high"]
            side += [float(params[band]) for band in ("low", "medium", "high") if params.get(band) is not None]
    return found
