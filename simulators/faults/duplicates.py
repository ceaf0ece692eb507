"""Messages that come twice."""

from pydantic import Field

from simulators.device_client.buffer import BufferedReading
from simulators.faults.device_fault import DeviceFault


class Duplicates(DeviceFault, kind="duplicates"):
    """Of each message, `share` is sent a second time at once."""

    share: float = Field(gt=0, le=1)

    def wire(self, messages: list[BufferedReading]) -> list[BufferedReading]:
        drawn = self.chance("wire").random(len(messages))
        return [m for m, strikes in zip(messages, drawn < self.share, strict=True) for _ in range(2 if strikes else 1)]
