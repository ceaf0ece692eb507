"""A battery that nobody charges."""

import numpy as np
from pydantic import Field

from simulators.faults.device_fault import BoolArray, DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class FadingBattery(DeviceFault, kind="fading_battery"):
    """The device runs on its battery from `charge` % down to nothing within `lasts`, and is off then."""

    charge: float = Field(default=100, gt=0, le=100)
    lasts: Seconds = Field(gt=0)

    def touches(self, signal: str) -> bool:
        return signal == "battery"

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        return np.maximum(0.0, self.charge * (1 - t / self.lasts))

    def powered(self, t: FloatArray) -> BoolArray:
        return t < self.lasts
