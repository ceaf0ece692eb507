"""A sensor whose error grows slowly, as it ages."""

from pydantic import Field

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class Drift(DeviceFault, kind="drift"):
    """The error grows linearly by `by` within each `over`, without end. It is `first` when the fault begins."""

    by: float = Field(description="change of the error within `over`, in the signal's unit")
    over: Seconds = Field(gt=0)
    first: float = Field(default=0.0, description="error at the beginning, in the signal's unit")

    def distort(self, signal: str, x: FloatArray, t: FloatArray) -> FloatArray:
        return x + self.first + self.by * t / self.over
