"""A sensor that ages."""

from pydantic import Field

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class Drift(DeviceFault, kind="drift"):
    """The value strays by `by` within `over`, evenly, and goes on straying. It is wrong by `first` when that begins."""

    by: float = Field(description="how far, in the signal's unit")
    over: Seconds = Field(gt=0)
    first: float = Field(default=0.0, description="how wrong it is already, in the signal's unit")

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        return x + self.first + self.by * t / self.over
