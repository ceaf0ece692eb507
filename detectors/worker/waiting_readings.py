"""Records of devices that are behind wait here, by device, while what is live is evaluated.

    one poll ─┬─▶ devices with few records ──────────────▶ evaluated at once
              └─▶ a device with many ─▶ all of them wait ─▶ a share of each device at each step, in order

At most `Bounds.waiting` records of at most `Bounds.size` bytes wait in memory, or one of each device. When they would
be more, the device with the most bytes gives up its newest half: these are read from the log again when its turn comes.
So memory is bounded, no record of another device is left unread because one device has many, and a device with few
records does not wait for those of one with many.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ward.ports import Batch, Log, Partition
from ward.topics import READINGS


class Bounds(NamedTuple):
    """A device with more than `live` records in one poll is behind: evaluating as many of all devices takes about as
    long as a share does, so they delay no other device more. `waiting` is how many records of all devices wait in
    memory, `size` how many bytes they may have: one of six signals has about 500, one with many names 14,000."""

    live: int = 64
    waiting: int = 100_000
    size: int = 64_000_000


@dataclass(slots=True, eq=False)
class _Device:
    """What waits of one device: its next records as columns, and from which offset on they are in the log only; None
    when all that were polled are here."""

    # Not pairs: the garbage collector would look at each of them.
    offsets: deque[int] = field(default_factory=deque)
    values: deque[bytes] = field(default_factory=deque)
    in_log: int | None = None
    size: int = 0  # bytes of its records

    @property
    def first(self) -> int:
        """The offset of its first record, or where the log is read again to find it."""
        return self.offsets[0] if self.offsets else self.in_log or 0

    def extend(self, offsets: Sequence[int], values: Sequence[bytes]) -> None:
        """Add records at the end."""
        self.offsets.extend(offsets)
        self.values.extend(values)


@dataclass(slots=True)
class _Scan:
    """Reads a partition again: `at` is the next offset, `end` the one that had been polled when it began."""

    batches: Iterator[Batch]
    at: int
    end: int


class WaitingReadings:
    """The records that wait. `position` returns the offset up to which a partition of the `topic` has been polled."""

    def __init__(self, log: Log, position: Callable[[int], int | None], bounds: Bounds, topic: str = READINGS) -> None:
        self._topic = topic
        self._log = log
        self._position = position
        self._bounds = bounds
        self._partitions: dict[int, dict[str, _Device]] = {}
        self._scans: dict[int, _Scan] = {}
        self.in_memory = 0
        self._size = 0

    def devices(self, number: int) -> Mapping[str, object]:
        """The devices of a partition that are behind, by name."""
        return self._partitions.get(number, {})

    @property
    def behind(self) -> set[str]:
        """All devices that are behind, by name."""
        return {name for devices in self._partitions.values() for name in devices}

    def has_room(self, records: int, size: int = 0) -> bool:
        """Whether so many more records, of so many bytes, can wait in memory."""
        return self.in_memory + records <= self._bounds.waiting and self._size + size < self._bounds.size

    def firsts(self, number: int) -> dict[str, int]:
        """For each device of a partition that is behind, the offset of its first record that is not evaluated, or one
        before that."""
        return {name: device.first for name, device in self._partitions.get(number, {}).items()}

    def add(self, number: int, name: str, offsets: Sequence[int], values: Sequence[bytes]) -> None:
        """Let records of a device wait that have been polled now, in order."""
        device = self._partitions.setdefault(number, {}).setdefault(name, _Device())
        if device.in_log is None and self.has_room(len(offsets), size := sum(map(len, values))):
            device.extend(offsets, values)
            self._count(device, len(offsets), size)
            return
        for offset, value in zip(offsets, values, strict=True):
            if device.in_log is None:
                self._make_room(device, offset)
            if device.in_log is not None:
                return
            self._append(device, offset, value)

    def take(self, share: int) -> Iterator[tuple[int, list[int], list[bytes]]]:
        """The next records of each device, `share` at most: the number of the partition, offsets and values."""
        for number, devices in list(self._partitions.items()):
            self._read_again(number, devices)
            for name, device in list(devices.items()):
                some = range(min(share, len(device.offsets)))
                offsets, values = [device.offsets.popleft() for _ in some], [device.values.popleft() for _ in some]
                self._count(device, -len(values), -sum(map(len, values)))
                if not device.offsets and device.in_log is None:
                    del devices[name]
                yield number, offsets, values
            if not devices:
                self.remove(number)

    def remove(self, number: int) -> None:
        """Forget a partition: nothing of it waits, or another worker has it now."""
        for device in self._partitions.pop(number, {}).values():
            self._count(device, -len(device.offsets), -device.size)
        self._scans.pop(number, None)

    def _append(self, device: _Device, offset: int, value: bytes) -> None:
        device.offsets.append(offset)
        device.values.append(value)
        self._count(device, 1, len(value))

    def _count(self, device: _Device, records: int, size: int) -> None:
        """So many records, of so many bytes, came to memory, or with a minus left it."""
        device.size += size
        self._size += size
        self.in_memory += records

    def _make_room(self, device: _Device, offset: int) -> _Device | None:
        """Where memory is full, the device with the most bytes gives up its newest half; where none has two, `device`
        gives up its record at `offset`, unless it has no other. Returns the device that gave up records."""
        if self.has_room(1):
            return None
        every = (device for devices in self._partitions.values() for device in devices.values())
        largest = max(every, key=lambda device: device.size)
        if len(largest.offsets) < 2:
            if device.offsets:
                device.in_log = offset
            return device if device.offsets else None
        for _ in range(len(largest.offsets) // 2):
            largest.in_log = largest.offsets.pop()
            self._count(largest, -1, -len(largest.values.pop()))
        return largest

    def _read_again(self, number: int, devices: Mapping[str, _Device]) -> None:
        """When a device has no record left in memory, read some that are in the log only, of all devices."""
        end = self._position(number)
        needed = [d.in_log for d in devices.values() if d.in_log is not None and not d.offsets]
        if not needed or end is None:
            return
        scan = self._scans.get(number)
        if scan is None or scan.at > min(needed):
            batches = self._log.scan(Partition(self._topic, number), min(needed))
            scan = self._scans[number] = _Scan(batches, min(needed), end)
        # Of the others, a record between `in_log` and `at` would be missing.
        complete = {name: d for name, d in devices.items() if d.in_log is not None and d.in_log >= scan.at}
        batch = next(scan.batches, None)
        if batch is None:
            scan.at = scan.end
            del self._scans[number]
        else:
            complete = self._fill(complete, batch, end)
            scan.at = batch.offsets[-1] + 1
        for device in complete.values():
            device.in_log = None if scan.at >= end else max(device.in_log or 0, scan.at)

    def _fill(self, complete: dict[str, _Device], batch: Batch, end: int) -> dict[str, _Device]:
        """Add records that were read again. Returns the devices that have all of theirs."""
        fits = self.has_room(len(batch), sum(map(len, batch.values)))  # then no device gives up records
        for offset, name, value in zip(batch.offsets, batch.keys, batch.values, strict=True):
            device = complete.get(name)
            if device is None or not (device.in_log or 0) <= offset < end:
                continue
            gave = None if fits else self._make_room(device, offset)
            if gave is not None:
                complete = {name: other for name, other in complete.items() if other is not gave}
            if gave is not device:
                self._append(device, offset, value)
        return complete
