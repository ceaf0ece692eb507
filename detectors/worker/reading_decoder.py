"""Records of the log → readings that are not evaluated yet."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter

from detectors.engine.devices import DeviceState
from detectors.worker.checkpoint import Checkpoint
from detectors.worker.waiting_readings import WaitingReadings
from ward.canary import WARD as CANARY
from ward.canary import is_canary
from ward.clock import Micros
from ward.errors import WireError
from ward.metrics import Metrics
from ward.ports import Batch
from ward.reading import Reading
from ward.wire import READING_WIRE

_WARD = attrgetter("ward")  # faster than a loop
# So many records are decoded at a time: their readings are taken in and freed while they are in the CPU's cache.
_CHUNK = 128


class ReadingDecoder:
    """Decodes what is to be evaluated next. `newest` is when the bridge received the newest reading that was polled of
    each partition. `longest` is the most records of one device in the last `take`.

    A device with more than `live` records in one poll is behind: its records wait until `take`, and so do those that
    follow, until none is left. `choose` returns what is to be evaluated of a reading, None for nothing.
    """

    def __init__(
        self, checkpoint: Checkpoint, waiting: WaitingReadings, metrics: Metrics, live: int,
        choose: Callable[[Reading], Reading | None] | None = None,
    ) -> None:  # fmt: skip
        self._choose = choose
        self._checkpoint = checkpoint
        self._waiting = waiting
        self._metrics = metrics
        self._most_live = live
        self.newest: dict[int, Micros] = {}
        self.longest = 0
        self._parts: list[tuple[int, Sequence[int], Sequence[bytes], int]] = []
        self._offsets: list[int] = []
        self._ends: dict[int, int] = {}

    def read(self, batches: Sequence[Batch]) -> int:
        """Take the records of one poll that need not wait. Returns their number, readable or not."""
        self._begin()
        done = 0
        for batch in batches:
            number = batch.partition.number
            position = self._checkpoint.position(number)
            if position is None:  # another worker has the partition now, and reads these records
                continue
            self._ends[number] = batch.offsets[-1] + 1
            last = READING_WIRE.decode_many(batch.values[-1:])[0]
            if isinstance(last, Reading):
                self.newest[number] = max(self.newest.get(number, 0), last.received_at)
            live = self._live(batch, position)
            self._parts.append((number, live.offsets, live.values, position))
            done += len(live)
        return done

    def take(self, share: int) -> int:
        """Take the next records that wait, `share` of each device at most. Returns their number."""
        self._begin()
        done = self.longest = 0
        for number, offsets, values in self._waiting.take(share):
            if offsets:
                self._parts.append((number, offsets, values, offsets[0]))
            done += len(offsets)
            self.longest = max(self.longest, len(offsets))
        return done

    def readings(self) -> Iterator[Reading]:
        """What was taken, decoded: those of each device in the order of the log. Iterate once."""
        return chain.from_iterable(
            self._decode(number, offsets[i : i + _CHUNK], values[i : i + _CHUNK], position)
            for number, offsets, values, position in self._parts
            for i in range(0, len(values), _CHUNK)
        )

    @property
    def decoded(self) -> int:
        """The number of readings that `readings` has returned."""
        return len(self._offsets)

    def offset(self, index: int) -> int:
        """The offset in the log of one of the readings that `readings` has returned."""
        return self._offsets[index]

    def evaluated(self, first_readings: Sequence[tuple[DeviceState, int]]) -> None:
        """All readings are in the state of their devices now. `first_readings` are these devices, each with the index
        of its first reading."""
        for device, first in first_readings:
            self._checkpoint.changed(device.name, device.partition, self._offsets[first])
        for number, end in self._ends.items():
            self._checkpoint.evaluated(number, end)
        for number in self._checkpoint.partitions:
            self._checkpoint.waiting(number, self._waiting.firsts(number))

    def remove(self, number: int) -> None:
        """This worker no longer has a partition."""
        self.newest.pop(number, None)
        self._waiting.remove(number)

    def _begin(self) -> None:
        self._parts, self._offsets, self._ends = [], [], {}

    def _live(self, batch: Batch, position: int) -> Batch:
        """The records of the devices that are not behind; those of the others wait."""
        number, counts = batch.partition.number, Counter(batch.keys)
        waiting = self._waiting.devices(number)
        behind: dict[str, tuple[list[int], list[bytes]]] = {
            name: ([], []) for name, count in counts.items() if count > self._most_live or name in waiting
        }
        if not behind:
            return batch
        restored = self._checkpoint.restored(number)
        live: list[int] = []
        for i, name in enumerate(batch.keys):
            if name not in behind:
                live.append(i)
            elif batch.offsets[i] > max(restored.get(name, -1), position - 1):
                behind[name][0].append(batch.offsets[i])
                behind[name][1].append(batch.values[i])
        for name, (offsets, values) in behind.items():
            if offsets:
                self._waiting.add(number, name, offsets, values)
        return Batch(
            batch.partition, [batch.offsets[i] for i in live], [batch.keys[i] for i in live],
            [batch.values[i] for i in live],
        )  # fmt: skip

    def _decode(self, number: int, offsets: Sequence[int], values: Sequence[bytes], position: int) -> Sequence[Reading]:
        decoded, restored = READING_WIRE.decode_many(values), self._checkpoint.restored(number)
        only_readings = set(map(type, decoded)) == {Reading} and CANARY not in set(map(_WARD, decoded))
        if only_readings and not restored and offsets[0] >= position and self._choose is None:
            self._offsets += offsets
            return decoded  # type: ignore[return-value]
        found = []
        for offset, reading in zip(offsets, decoded, strict=True):
            if isinstance(reading, WireError):
                self._metrics.detector_records_unreadable.inc()
            elif is_canary(reading.ward, reading.values):
                continue
            elif offset >= position and offset > restored.get(reading.device, -1):
                chosen = reading if self._choose is None else self._choose(reading)
                if chosen is not None:
                    found.append(chosen)
                    self._offsets.append(offset)
        return found
