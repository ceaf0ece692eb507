"""A clock that was set wrong."""

from pydantic import Field

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray

_YEARS_100 = 100 * 366 * 86_400


class ClockStep(DeviceFault, kind="clock_step"):
    """The device's clock is set `by` seconds forward, or back where that is negative."""

    by: float = Field(ge=-_YEARS_100, le=_YEARS_100)

    def ahead(self, t: FloatArray) -> float:
        return self.by
