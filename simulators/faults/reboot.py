"""A device that starts anew."""

from pydantic import Field

from simulators.faults.fault import Fault, Flags
from simulators.noise import Floats
from ward.config.model import Seconds


class Reboot(Fault, kind="reboot"):
    """At once and then each `every`, the device is off for `away`, and begins a new boot. What it kept it still has."""

    every: Seconds = Field(gt=0)
    away: Seconds = Field(gt=0)

    def powered(self, t: Floats) -> Flags:
        return t % self.every >= self.away
