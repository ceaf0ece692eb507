"""A clock that is set to a wrong time."""

from pydantic import Field

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray

_YEARS_100 = 100 * 366 * 86_400


class ClockStep(DeviceFault, kind="clock_step"):
    """The device's clock is set `by` seconds forward; a negative number sets it back."""

    by: float = Field(ge=-_YEARS_100, le=_YEARS_100)

    def clock_offset(self, t: FloatArray) -> float:
        return self.by
