"""How a device numbers its readings and encodes them: version 1 of our own payload."""

from collections.abc import Callable, Mapping

import msgspec

from ward.clock import Micros, format_instant
from ward.ids import digest

_encode = msgspec.json.Encoder().encode


class PayloadWriter:
    """The boot and the sequence number of one device.

    The name of a boot is a digest of the device, its number of starts, and the time of the start: neither a
    second start at the same instant nor a lost start counter repeats a name, which would make new readings
    look like duplicates.
    """

    def __init__(self, device: str, next_boot: Callable[[str], int]) -> None:
        self._device = device
        self._next_boot = next_boot
        self.boot = ""
        self.seq = 0

    def start(self, now: Micros) -> None:
        """Begin a new boot, whose first reading is number 1."""
        self.boot = digest(self._device, self._next_boot(self._device), now)[:8]
        self.seq = 0

    def write(self, at: Micros, values: Mapping[str, float]) -> bytes:
        """The payload of the next reading, in UTF-8."""
        self.seq += 1
        return _encode({"v": 1, "boot": self.boot, "seq": self.seq, "at": format_instant(at), "values": values})
