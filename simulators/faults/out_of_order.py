"""Messages that overtake each other."""

from pydantic import Field, PrivateAttr

from simulators.faults.fault import Fault
from ward.ports.kept import KeptReading


class OutOfOrder(Fault, kind="out_of_order"):
    """Of the messages, `share` waits until the next one has gone first."""

    share: float = Field(gt=0, le=1)
    _held: list[KeptReading] = PrivateAttr(default_factory=list)

    def wire(self, messages: list[KeptReading]) -> list[KeptReading]:
        gone: list[KeptReading] = []
        for message, drawn in zip(messages, self.chance("wire").random(len(messages)), strict=True):
            if self._held:
                gone += [message, *self.release()]
            elif drawn < self.share:
                self._held.append(message)
            else:
                gone.append(message)
        return gone

    def release(self) -> list[KeptReading]:
        held, self._held = self._held, []
        return held
