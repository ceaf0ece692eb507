"""What a device keeps until it is told that somebody else has it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BufferedReading:
    """One payload as it was first sent. `place` rises with each one kept: it is the order to send in."""

    place: int
    boot: str
    seq: int
    payload: bytes


class DeviceBuffer(Protocol):
    """The memory of one or many devices, which a kill does not erase.

    Of each device at most a fixed number is kept: the oldest makes room for the newest, is counted
    in `overwritten`, and shows at the bridge as a gap in `seq`.
    """

    def starts(self, device: str) -> int:
        """Count one more start of the device, and return how many there were: 1 for the first."""
        ...

    def add(self, device: str, boot: str, seq: int, payload: bytes) -> None:
        """Keep a payload, durable against a kill when this returns."""
        ...

    def after(self, device: str, place: int, limit: int) -> list[BufferedReading]:
        """The oldest ones kept behind `place`, in order; 0 is before the first."""
        ...

    def forget(self, device: str, boot: str, seq: int) -> int:
        """Forget all of a boot up to and including `seq`. Returns how many they were."""
        ...

    def count(self, device: str) -> int:
        """How many are kept."""
        ...

    def overwritten(self, device: str) -> int:
        """How many had to make room since this memory was opened."""
        ...

    def close(self) -> None: ...
