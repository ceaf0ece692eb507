"""A device that restarts."""

from pydantic import Field

from simulators.faults.device_fault import BoolArray, DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class Reboot(DeviceFault, kind="reboot"):
    """At once and then every `every`, the device is off for `away` and begins a new boot. Its buffer survives."""

    every: Seconds = Field(gt=0)
    away: Seconds = Field(gt=0)

    def powered(self, t: FloatArray) -> BoolArray:
        return t % self.every >= self.away
