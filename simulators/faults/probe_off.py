"""A probe that has come off."""

import math

import numpy as np

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray


class ProbeOff(DeviceFault, kind="probe_off"):
    """The signal is missing or, as with some monitors, a constant such as 0: `reads`."""

    reads: float | None = None

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        return np.full_like(x, math.nan if self.reads is None else self.reads)
