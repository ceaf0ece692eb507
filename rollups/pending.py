"""What was touched and is not rolled yet, and how far the log may be committed because of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rollups.touch import Touch
from ward.clock import SECOND, Micros
from ward.ports import Partition

MINUTE: Micros = 60 * SECOND
# Seconds. A minute is rolled when it has been over and quiet for so long; and when it never is quiet, after so long.
QUIET = 5.0
LONGEST = 60.0


@dataclass(slots=True)
class Minute:
    """One minute in which there are new readings of some devices.

    `first` is the first record of it in each partition, `after` the one after the last; `since` and `touched` are when
    the first and the last of them were taken, on the monotonic clock.
    """

    at: Micros
    since: float
    touched: float
    devices: set[str] = field(default_factory=set)
    first: dict[Partition, int] = field(default_factory=dict)
    after: dict[Partition, int] = field(default_factory=dict)


class Pending:
    """All touched minutes."""

    def __init__(self) -> None:
        self.minutes: dict[Micros, Minute] = {}
        self._read: dict[Partition, int] = {}

    def __len__(self) -> int:
        """How many minutes of devices wait."""
        return sum(len(minute.devices) for minute in self.minutes.values())

    def take(self, partition: Partition, offsets: Sequence[int], touches: Iterable[Touch], now: float) -> None:
        """Remember records of one partition, in their order. What cannot be read is not among the touches."""
        first, after = offsets[0], offsets[-1] + 1
        devices: dict[Micros, set[str]] = {}
        for touch in touches:
            at = touch.at - touch.at % MINUTE
            of = devices.get(at)
            if of is None:
                of = devices[at] = set()
            of.add(touch.device)
        # By batch, not by record: what is committed less is read again, which does no harm.
        for at, names in devices.items():
            minute = self.minutes.setdefault(at, Minute(at, now, now))
            minute.touched = now
            minute.devices |= names
            minute.first.setdefault(partition, first)
            minute.after[partition] = after
        self._read[partition] = after

    def due(self, now: Micros, monotonic: float) -> list[Minute]:
        """Minutes to be rolled, the oldest first."""
        over = [self.minutes[at] for at in sorted(self.minutes) if at + MINUTE + QUIET * SECOND <= now]
        return [m for m in over if monotonic - m.touched >= QUIET or monotonic - m.since >= LONGEST]

    def done(self, minutes: Iterable[Minute]) -> None:
        for minute in minutes:
            del self.minutes[minute.at]

    def forget(self, partitions: Iterable[Partition], mine: Callable[[str], bool]) -> None:
        """Somebody else has these partitions now."""
        for partition in partitions:
            self._read.pop(partition, None)
            for minute in self.minutes.values():
                minute.first.pop(partition, None)
                minute.after.pop(partition, None)
        for minute in list(self.minutes.values()):
            minute.devices = {device for device in minute.devices if mine(device)}
            if not minute.devices:
                del self.minutes[minute.at]

    def positions(self) -> Mapping[Partition, int]:
        """How far each partition is done: up to the first record of a minute that still waits."""
        found = dict(self._read)
        for minute in self.minutes.values():
            for partition, first in minute.first.items():
                found[partition] = min(found[partition], first)
        return found
