"""Values that cannot be true."""

import numpy as np
from pydantic import Field

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray


class Spikes(DeviceFault, kind="spikes"):
    """Now and then, with `share` of the readings, a signal shows a value near that in `to`."""

    share: float = Field(gt=0, le=1)
    to: dict[str, float] = Field(description="the spike, by signal")

    def touches(self, signal: str) -> bool:
        return signal in self.to

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        strikes, size = self.chance(signal).random((len(t), 2)).T
        return np.where(strikes < self.share, self.to[signal] * (0.98 + 0.04 * size), x)
