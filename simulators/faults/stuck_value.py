"""A sensor whose value no longer changes."""

import numpy as np
from pydantic import PrivateAttr

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray


class StuckValue(DeviceFault, kind="stuck_value"):
    """The sensor shows the first value that it had when the fault began."""

    _held: dict[str, float] = PrivateAttr(default_factory=dict)

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        if signal not in self._held:
            finite = x[np.isfinite(x)]
            if not len(finite):
                return x
            self._held[signal] = float(finite[0])
        return x * 0 + self._held[signal]  # a missing value stays missing
