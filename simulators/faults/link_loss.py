"""A cable that falls out."""

from pydantic import Field

from simulators.faults.fault import Fault, Flags
from simulators.noise import Floats
from ward.config.model import Seconds


class LinkLoss(Fault, kind="link_loss"):
    """At once and then each `every`, the network is gone for `lasting`; the device measures on and keeps it."""

    every: Seconds = Field(gt=0)
    lasting: Seconds = Field(gt=0)

    def plugged(self, t: Floats) -> Flags:
        return t % self.every >= self.lasting
