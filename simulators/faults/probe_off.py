"""A probe that has come off."""

import math

import numpy as np

from simulators.faults.fault import Fault
from simulators.noise import Floats


class ProbeOff(Fault, kind="probe_off"):
    """The signal is missing, or some monitors' idea of it: a constant such as 0."""

    reads: float | None = None

    def distort(self, signal: str, x: Floats, t: Floats) -> Floats:
        return np.full_like(x, math.nan if self.reads is None else self.reads)
