"""A value that no longer moves."""

import numpy as np
from pydantic import PrivateAttr

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray


class Stuck(DeviceFault, kind="stuck"):
    """The sensor goes on showing the first value it had when the fault began."""

    _held: dict[str, float] = PrivateAttr(default_factory=dict)

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        if signal not in self._held:
            there = x[np.isfinite(x)]
            if not len(there):
                return x
            self._held[signal] = float(there[0])
        return x * 0 + self._held[signal]  # what is missing stays missing
