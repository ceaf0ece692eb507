"""A battery that discharges."""

import numpy as np
from pydantic import Field

from simulators.faults.device_fault import BoolArray, DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class BatteryDischarge(DeviceFault, kind="battery_discharge"):
    """The battery falls linearly from `charge` % to 0 within `lasts`; then the device is off."""

    charge: float = Field(default=100, gt=0, le=100)
    lasts: Seconds = Field(gt=0)

    def affects(self, signal: str) -> bool:
        return signal == "battery"

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        return np.maximum(0.0, self.charge * (1 - t / self.lasts))

    def powered(self, t: FloatArray) -> BoolArray:
        return t < self.lasts
