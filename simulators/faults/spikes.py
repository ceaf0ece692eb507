"""Implausible values."""

import numpy as np
from pydantic import Field

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray


class Spikes(DeviceFault, kind="spikes"):
    """In a `share` of the readings, at random, a signal has a value within 2 % of that in `to`."""

    share: float = Field(gt=0, le=1)
    to: dict[str, float] = Field(description="the spike, by signal")

    def affects(self, signal: str) -> bool:
        return signal in self.to

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        drawn, size = self.random(signal).random((len(t), 2)).T
        return np.where(drawn < self.share, self.to[signal] * (0.98 + 0.04 * size), x)
