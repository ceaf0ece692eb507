"""Which readings of a device have been received: by boot and sequence number. A gap counts as lost after a timeout."""

from collections import OrderedDict
from typing import NamedTuple

from bridge.boot_progress import BootProgress
from bridge.decoded_reading import DecodedReading
from bridge.device_clock import DeviceClock
from ward.clock import Micros

MOST_BOOTS = 4


class Arrival(NamedTuple):
    """What the bridge learns from the arrival of one reading.

    `new`: it was not received before. `newer`: no later reading of this boot was received before it. `rebooted`: it is
    the first of a new boot of a device that was known before. `lost` and `duplicates`: readings that count as lost and
    repeats removed since the last call of `DeviceProgress.reset_counts`.
    """

    new: bool
    newer: bool
    rebooted: bool
    lost: int
    duplicates: int


class DeviceProgress:
    """What the bridge remembers of one device: its latest boots, its clock, and counts that no reading reports yet."""

    def __init__(self) -> None:
        self.boots: OrderedDict[str, BootProgress] = OrderedDict()
        self.clock = DeviceClock()
        self._lost = 0
        self._duplicates = 0
        self._senders: dict[str, str] = {}

    def sender_changed(self, decoded: DecodedReading) -> bool:
        """Whether another sender has used this id before: another name of a vendor, another ward in the topic."""
        of, name = decoded.sender or ("", decoded.ward)
        before = self._senders.get(of)
        if before != name:
            self._senders[of] = name
        return before is not None and before != name

    def apply(self, decoded: DecodedReading, now: Micros, gap_timeout: float) -> Arrival:
        """Remember a reading. Numbers missing for more than `gap_timeout` seconds count as lost."""
        self._lost += decoded.lost
        if decoded.repeat:
            self._duplicates += 1
            return self._arrival(new=False, newer=False, rebooted=False)
        if not decoded.boot:
            return self._arrival(new=True, newer=True, rebooted=False)
        return self.apply_number(decoded.boot, decoded.seq, now, gap_timeout)

    def apply_number(self, boot: str, seq: int, now: Micros, gap_timeout: float) -> Arrival:
        """The same for a reading of which only the number is known."""
        known = self.boots.get(boot)
        if known is None:
            rebooted = bool(self.boots)
            self._add_boot(boot, seq)
            return self._arrival(new=True, newer=True, rebooted=rebooted)
        newer = seq > known.newest
        new = seq not in known
        if new:
            known.add(seq)
        else:
            self._duplicates += 1
        self._lost += known.expire_gap(now, gap_timeout)
        return self._arrival(new=new, newer=newer, rebooted=False)

    def reset_counts(self) -> None:
        """Reset the counts of lost readings and duplicates: a reading in the log reports those so far."""
        self._lost = self._duplicates = 0

    def contiguous_up_to(self, boot: str) -> int | None:
        """The number of a boot up to which no reading is missing; None for a boot that is not remembered."""
        known = self.boots.get(boot)
        return None if known is None else known.contiguous_up_to()

    def _add_boot(self, boot: str, seq: int) -> None:
        self.boots[boot] = BootProgress(seq)
        while len(self.boots) > MOST_BOOTS:
            self.boots.popitem(last=False)

    def _arrival(self, *, new: bool, newer: bool, rebooted: bool) -> Arrival:
        return Arrival(new, newer, rebooted, self._lost, self._duplicates)
