"""The normal mean and scatter of a series: given by the rule, or learned in a calibration that the rule declares."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from detectors.base.columns import Floats, Ints
from detectors.base.progress import Progress
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams

# Mean and standard deviation in force, NaN while they are not known. And of the calibration: the number of values,
# their mean, the sum of their squared distances from it, and the time of the first one.
BASELINE = {"mean": np.nan, "sd": np.nan, "count": 0.0, "running_mean": 0.0, "squares": 0.0, "started": np.nan}

Number = TypeVar("Number", float, Floats)


class BaselineParams(DetectorParams):
    """A target that is given or learned. Use a calibration only where the series is normal during that time: the
    detector learns mean and standard deviation from it."""

    target: float | None = Field(None, description="the mean to hold; left out, it is learned")
    sd: float | None = Field(None, gt=0, description="the standard deviation around it; left out, it is learned")
    sd_floor: float = Field(
        0.0, ge=0, description="the smallest standard deviation to use: rounding and a quiet start make a learned one "
        "too small",
    )  # fmt: skip
    calibrate_values: int | None = Field(None, ge=2, description="the smallest number of values to learn from")
    calibrate_for: Seconds | None = Field(None, gt=0, description="the shortest time to learn for")

    @property
    def normal(self) -> str:
        """What a text calls the mean: `target` where the rule gives it, else `usual`."""
        return "usual" if self.target is None else "target"

    @model_validator(mode="after")
    def _complete(self) -> "BaselineParams":
        learns = self.calibrate_values is not None or self.calibrate_for is not None
        if (self.target is None or self.sd is None) and not learns:
            raise ValueError("give target and sd, or say how long to learn: calibrate_values, calibrate_for")
        return self


@dataclass(frozen=True, slots=True)
class Calibration:
    """What one value of each row did to the baselines.

    `known` is by row whether its value may be scored. `given` are the indices of rows whose rule gives the whole
    baseline and whose first value this is, `completed` those of rows whose calibration ended with this value.
    """

    known: npt.NDArray[np.bool_]
    given: Ints
    completed: Ints


def welford(count: Number, mean: Number, squares: Number, x: Number) -> tuple[Number, Number, Number]:
    """Number, mean and sum of squared distances from the mean, with one value more.

    n ← n + 1, m' = m + (x − m)/n, q ← q + (x − m)·(x − m'); the variance is q/(n − 1).

    Args:
        count, mean, squares: those of the values so far, all 0 at first; numbers, or arrays of one shape.
        x: the new value.

    >>> n = mean = squares = 0.0
    >>> for x in (2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0):
    ...     n, mean, squares = welford(n, mean, squares, x)
    >>> n, mean, squares
    (8.0, 5.0, 32.0)

    Welford, B. P. (1962), Note on a method for calculating corrected sums of squares and products, Technometrics 4,
    419–420.
    """
    count = count + 1
    off = x - mean
    mean = mean + off / count
    return count, mean, squares + off * (x - mean)


def learn(state: Any, x: Floats, t: Floats, p: Any) -> Calibration | None:
    """Take one value of each row into the baselines that are not known yet; None where all of them are.

    The value that completes a calibration belongs to it and is not scored.

    Args:
        state: columns with the names of `BASELINE`; they are changed.
        x, t: values and their times in seconds.
        p: the fields of `BaselineParams` as columns, NaN for what is not given.

    One row that learns from four values; the fifth is the first that may be scored:

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(**{name: np.array([start]) for name, start in BASELINE.items()})
    >>> given = {name: np.array([np.nan]) for name in ("target", "sd", "calibrate_for")}
    >>> p = SimpleNamespace(**given, sd_floor=np.zeros(1), calibrate_values=np.array([4.0]))
    >>> for t, x in enumerate((1.0, 3.0, 2.0, 4.0)):
    ...     calibration = learn(state, np.array([x]), np.array([float(t)]), p)
    >>> calibration.known, calibration.completed, state.mean, state.sd.round(3)
    (array([False]), array([0]), array([2.5]), array([1.291]))
    >>> learn(state, np.array([9.0]), np.array([4.0]), p) is None
    True
    """
    if state.sd.min() > 0:  # False where any is NaN
        return None
    new = np.flatnonzero(np.isnan(state.sd))
    count, mean, squares = welford(state.count[new], state.running_mean[new], state.squares[new], x[new])
    started = np.fmin(state.started[new], t[new])
    given = ~np.isnan(p.target[new]) & ~np.isnan(p.sd[new])
    enough = (count >= np.fmax(p.calibrate_values[new], 2)) & ~(t[new] - started < p.calibrate_for[new])
    known = given | enough
    target = np.where(np.isnan(p.target[new]), mean, p.target[new])
    sd = np.where(np.isnan(p.sd[new]), np.sqrt(squares / np.maximum(count - 1, 1)), p.sd[new])
    sd = np.maximum(sd, np.maximum(p.sd_floor[new], 1e-12))
    target, sd = np.where(known, target, np.nan), np.where(known, sd, np.nan)
    for name, values in zip(BASELINE, (target, sd, count, mean, squares, started), strict=True):
        column = getattr(state, name)
        column[new] = values
        setattr(state, name, column)
    scored = ~np.isnan(state.sd)
    scored[new[~given]] = False
    return Calibration(scored, new[given], new[known & ~given])


def learned(state: Any, t: Floats, p: Any) -> Progress:
    """How far the calibration of each row is at `t`; arguments as for `learn`.

    >>> from types import SimpleNamespace
    >>> state = SimpleNamespace(sd=np.array([np.nan]), count=np.array([12.0]), started=np.array([100.0]))
    >>> p = SimpleNamespace(calibrate_values=np.array([48.0]), calibrate_for=np.array([7200.0]))
    >>> learned(state, np.array([1900.0]), p).text(0)
    'warming up, 12 of 48 values, 30 min of 2 h'
    """
    known = ~np.isnan(state.sd)
    of_values = np.where(known, 0.0, np.fmax(p.calibrate_values, 2))
    of_seconds = np.where(known | np.isnan(p.calibrate_for), 0.0, p.calibrate_for)
    seconds = np.where(np.isnan(state.started), 0.0, np.maximum(t - state.started, 0.0))
    return Progress(True, state.count, of_values, seconds, of_seconds)
