"""Messages that arrive out of order."""

from pydantic import Field, PrivateAttr

from simulators.device_client.buffer import BufferedReading
from simulators.faults.device_fault import DeviceFault


class OutOfOrder(DeviceFault, kind="out_of_order"):
    """A `share` of the messages is sent only after the next message."""

    share: float = Field(gt=0, le=1)
    _held: list[BufferedReading] = PrivateAttr(default_factory=list)

    def transmit(self, messages: list[BufferedReading]) -> list[BufferedReading]:
        sent: list[BufferedReading] = []
        for message, drawn in zip(messages, self.random("wire").random(len(messages)), strict=True):
            if self._held:
                sent += [message, *self.release()]
            elif drawn < self.share:
                self._held.append(message)
            else:
                sent.append(message)
        return sent

    def release(self) -> list[BufferedReading]:
        held, self._held = self._held, []
        return held
