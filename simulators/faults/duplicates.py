"""Messages that are sent twice."""

from pydantic import Field

from simulators.device_client.buffer import BufferedReading
from simulators.faults.device_fault import DeviceFault


class Duplicates(DeviceFault, kind="duplicates"):
    """A `share` of the messages is sent a second time immediately."""

    share: float = Field(gt=0, le=1)

    def transmit(self, messages: list[BufferedReading]) -> list[BufferedReading]:
        drawn = self.random("wire").random(len(messages))
        return [m for m, twice in zip(messages, drawn < self.share, strict=True) for _ in range(2 if twice else 1)]
