"""What is normal for a series: given by the rule, or learned in a calibration period that the rule declares."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from detectors.base.detector import Floats, Ints
from ward.config.model import Seconds
from ward.config.rule import DetectorParams

# Mean and standard deviation in force (NaN: not known yet); and, while learning, the number of values,
# their mean, the sum of their squared distances from it (Welford 1962, Technometrics 4), and since when.
LEARNED = {"mean": np.nan, "sd": np.nan, "number": 0.0, "middle": 0.0, "squares": 0.0, "begun": np.nan}


class BaselineParams(DetectorParams):
    """A target that is given or learned. What is learned is what the series did while it was watched first: declare
    a calibration only where that was normal."""

    target: float | None = Field(None, description="the mean to hold; left out, it is learned")
    sd: float | None = Field(None, gt=0, description="the standard deviation around it; left out, it is learned")
    sd_floor: float = Field(
        0.0, ge=0, description="the least standard deviation to believe; rounding and a quiet start make it too small"
    )
    calibrate_values: int | None = Field(None, ge=2, description="how many values to learn from, at least")
    calibrate_for: Seconds | None = Field(None, gt=0, description="how long to learn, at least")

    @model_validator(mode="after")
    def _known(self) -> "BaselineParams":
        learns = self.calibrate_values is not None or self.calibrate_for is not None
        if (self.target is None or self.sd is None) and not learns:
            raise ValueError("give target and sd, or say how long to learn: calibrate_values, calibrate_for")
        return self


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a value taught: which rows may be judged by it; which of these know for the first time, because their
    rule says it all; and which have finished a calibration with it."""

    judged: npt.NDArray[np.bool_]
    told: Ints
    finished: Ints


def learn(state: Any, x: Floats, t: Floats, p: Any) -> Calibration | None:
    """Learn where it is not known yet what is normal; None when all of it is.

    The value that completes a calibration belongs to it and is not judged.
    """
    if state.sd.min() > 0:  # NaN is not
        return None
    new = np.flatnonzero(np.isnan(state.sd))
    number, middle = state.number[new] + 1, state.middle[new]
    off = x[new] - middle
    middle = middle + off / number
    squares = state.squares[new] + off * (x[new] - middle)
    begun = np.fmin(state.begun[new], t[new])
    given = ~np.isnan(p.target[new]) & ~np.isnan(p.sd[new])
    enough = (number >= np.fmax(p.calibrate_values[new], 2)) & ~(t[new] - begun < p.calibrate_for[new])
    known = given | enough
    mean = np.where(np.isnan(p.target[new]), middle, p.target[new])
    sd = np.where(np.isnan(p.sd[new]), np.sqrt(squares / np.maximum(number - 1, 1)), p.sd[new])
    sd = np.maximum(sd, np.maximum(p.sd_floor[new], 1e-12))
    mean, sd = np.where(known, mean, np.nan), np.where(known, sd, np.nan)
    for name, values in zip(LEARNED, (mean, sd, number, middle, squares, begun), strict=True):
        column = getattr(state, name)
        column[new] = values
        setattr(state, name, column)
    judged = ~np.isnan(state.sd)
    judged[new[~given]] = False
    return Calibration(judged, new[given], new[known & ~given])
