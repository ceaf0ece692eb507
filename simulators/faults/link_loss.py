"""A network connection that is lost at intervals."""

from pydantic import Field

from simulators.faults.device_fault import BoolArray, DeviceFault
from simulators.random_streams import FloatArray
from ward.config.base_model import Seconds


class LinkLoss(DeviceFault, kind="link_loss"):
    """At once and then every `every`, the network is lost for `lasting`; the device buffers its readings."""

    every: Seconds = Field(gt=0)
    lasting: Seconds = Field(gt=0)

    def plugged(self, t: FloatArray) -> BoolArray:
        return t % self.every >= self.lasting
