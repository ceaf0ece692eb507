"""A cable that falls out."""

from pydantic import Field

from simulators.faults.device_fault import BoolArray, DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class LinkLoss(DeviceFault, kind="link_loss"):
    """At once and then each `every`, the network is gone for `lasting`; the device measures on and keeps it."""

    every: Seconds = Field(gt=0)
    lasting: Seconds = Field(gt=0)

    def plugged(self, t: FloatArray) -> BoolArray:
        return t % self.every >= self.lasting
