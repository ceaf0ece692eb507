"""A sensor that ages."""

from pydantic import Field

from simulators.faults.fault import Fault
from simulators.noise import Floats
from ward.config.model import Seconds


class Drift(Fault, kind="drift"):
    """The value strays by `by` within `over`, evenly, and goes on straying."""

    by: float = Field(description="how far, in the signal's unit")
    over: Seconds = Field(gt=0)

    def distort(self, signal: str, x: Floats, t: Floats) -> Floats:
        return x + self.by * t / self.over
