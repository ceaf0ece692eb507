"""Messages that overtake each other."""

from pydantic import Field, PrivateAttr

from simulators.device_client.buffer import BufferedReading
from simulators.faults.device_fault import DeviceFault


class OutOfOrder(DeviceFault, kind="out_of_order"):
    """Of the messages, `share` waits until the next one has gone first."""

    share: float = Field(gt=0, le=1)
    _held: list[BufferedReading] = PrivateAttr(default_factory=list)

    def wire(self, messages: list[BufferedReading]) -> list[BufferedReading]:
        gone: list[BufferedReading] = []
        for message, drawn in zip(messages, self.chance("wire").random(len(messages)), strict=True):
            if self._held:
                gone += [message, *self.release()]
            elif drawn < self.share:
                self._held.append(message)
            else:
                gone.append(message)
        return gone

    def release(self) -> list[BufferedReading]:
        held, self._held = self._held, []
        return held
