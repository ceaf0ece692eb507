"""A clock that runs too fast or too slow."""

from pydantic import Field

from simulators.faults.fault import Fault
from simulators.noise import Floats


class ClockSkew(Fault, kind="clock_skew"):
    """The device's clock gains `gains` seconds in an hour; loses them where that is negative."""

    gains: float = Field(ge=-3600, le=3600)

    def ahead(self, t: Floats) -> Floats:
        return t * (self.gains / 3600)
