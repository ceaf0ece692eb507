"""A clock that runs too fast or too slow."""

from pydantic import Field

from simulators.faults.device_fault import DeviceFault
from simulators.random_streams import FloatArray


class ClockSkew(DeviceFault, kind="clock_skew"):
    """The device's clock gains `gains` seconds in an hour; a negative number means that it loses them."""

    gains: float = Field(ge=-3600, le=3600)

    def clock_offset(self, t: FloatArray) -> FloatArray:
        return t * (self.gains / 3600)
