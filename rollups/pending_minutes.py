"""Minutes with new readings that are not rolled up yet, and the offsets that may be committed without losing them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rollups.reading_key import ReadingKey
from ward.clock import SECOND, Micros
from ward.ports import Partition

MINUTE: Micros = 60 * SECOND
QUIET_TIME = 5.0  # seconds since its end and since its last new reading after which a minute is rolled up
MAX_WAIT = 60.0  # seconds after its first new reading it is rolled up in any case


@dataclass(slots=True)
class PendingMinute:
    """One minute in which there are new readings of some devices.

    `at` is its beginning. `first` is the offset of its first record in each partition, `after` that after its last.
    `since` and `changed` are when the first and the last of them were polled, in seconds of the monotonic clock.
    """

    at: Micros
    since: float
    changed: float
    devices: set[str] = field(default_factory=set)
    first: dict[Partition, int] = field(default_factory=dict)
    after: dict[Partition, int] = field(default_factory=dict)


class PendingMinutes:
    """All minutes with new readings."""

    def __init__(self) -> None:
        self.minutes: dict[Micros, PendingMinute] = {}
        self._read: dict[Partition, int] = {}

    def __len__(self) -> int:
        """The number of pending pairs of minute and device."""
        return sum(len(minute.devices) for minute in self.minutes.values())

    def add(self, partition: Partition, offsets: Sequence[int], keys: Iterable[ReadingKey], now: float) -> None:
        """Add polled records of one partition, in their order. `keys` has no entry for records that cannot be read.

        `now` is the monotonic time.
        """
        first, after = offsets[0], offsets[-1] + 1
        devices: dict[Micros, set[str]] = {}
        for key in keys:
            at = key.at - key.at % MINUTE
            of = devices.get(at)
            if of is None:
                of = devices[at] = set()
            of.add(key.device)
        # Offsets by batch, not by record: fewer are committed, and some are polled again after a restart.
        for at, names in devices.items():
            minute = self.minutes.setdefault(at, PendingMinute(at, now, now))
            minute.changed = now
            minute.devices |= names
            minute.first.setdefault(partition, first)
            minute.after[partition] = after
        self._read[partition] = after

    def due(self, now: Micros, monotonic: float) -> list[PendingMinute]:
        """Minutes to be rolled up now, the oldest first."""
        over = [self.minutes[at] for at in sorted(self.minutes) if at + MINUTE + QUIET_TIME * SECOND <= now]
        return [m for m in over if monotonic - m.changed >= QUIET_TIME or monotonic - m.since >= MAX_WAIT]

    def done(self, minutes: Iterable[PendingMinute]) -> None:
        """Remove minutes that are rolled up."""
        for minute in minutes:
            del self.minutes[minute.at]

    def remove(self, partitions: Iterable[Partition], owns: Callable[[str], bool]) -> None:
        """Remove what belongs to partitions that another process has now. `owns` says which devices this one keeps."""
        for partition in partitions:
            self._read.pop(partition, None)
            for minute in self.minutes.values():
                minute.first.pop(partition, None)
                minute.after.pop(partition, None)
        for minute in list(self.minutes.values()):
            minute.devices = {device for device in minute.devices if owns(device)}
            if not minute.devices:
                del self.minutes[minute.at]

    def positions(self) -> Mapping[Partition, int]:
        """The offsets that may be committed: in each partition up to the first record of a pending minute."""
        found = dict(self._read)
        for minute in self.minutes.values():
            for partition, first in minute.first.items():
                found[partition] = min(found[partition], first)
        return found
