"""The port of a device's buffer: readings are stored until the bridge acknowledges them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BufferedReading:
    """One payload as it was first sent. `position` grows with each one added and gives the order of sending."""

    position: int
    boot: str
    seq: int
    payload: bytes


class DeviceBuffer(Protocol):
    """The stored readings of one or many devices.

    At most a fixed number of readings is stored for each device. When it is full, the newest reading
    overwrites the oldest; the bridge sees this as a gap in `seq`.
    """

    def next_boot(self, device: str) -> int:
        """Count one more start of the device. Returns the number of starts: 1 for the first."""
        ...

    def add(self, device: str, boot: str, seq: int, payload: bytes) -> None:
        """Store a payload. When this returns, a kill of the process does not lose it (in a file)."""
        ...

    def after(self, device: str, position: int, limit: int) -> list[BufferedReading]:
        """At most `limit` readings stored after `position`, oldest first; 0 is before the first."""
        ...

    def remove(self, device: str, boot: str, seq: int) -> int:
        """Delete the readings of a boot up to and including `seq`. Returns how many they were."""
        ...

    def count(self, device: str) -> int:
        """How many readings are stored."""
        ...

    def overwritten(self, device: str) -> int:
        """How many readings were overwritten since this buffer was opened."""
        ...

    def close(self) -> None: ...
