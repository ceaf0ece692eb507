"""A sensor contact that loosens: noise that grows."""

from pydantic import Field

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class GrowingNoise(DeviceFault, kind="growing_noise"):
    """Gaussian noise whose standard deviation grows from 0 to `sd` within `over`, and then stays."""

    sd: float = Field(gt=0, description="in the signal's unit")
    over: Seconds = Field(gt=0)

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        grown = (t / self.over).clip(0, 1)
        return x + self.sd * grown * self.random(signal).standard_normal(len(t))
