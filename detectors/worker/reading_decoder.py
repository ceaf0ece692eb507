"""Records of the log → readings that are not evaluated yet."""

from collections.abc import Sequence
from operator import attrgetter

from detectors.engine.devices import DeviceState
from detectors.worker.checkpoint import Checkpoint
from ward.canary import WARD as CANARY
from ward.canary import is_canary
from ward.clock import Micros
from ward.errors import WireError
from ward.metrics import Metrics
from ward.ports import Batch
from ward.reading import Reading
from ward.wire import READING_WIRE

_WARD = attrgetter("ward")  # faster than a loop


class ReadingDecoder:
    """Decodes one poll at a time: `readings` in the order of the log, and `newest`, when the bridge received the newest
    reading of each partition."""

    def __init__(self, checkpoint: Checkpoint, metrics: Metrics) -> None:
        self._checkpoint = checkpoint
        self._metrics = metrics
        self.readings: list[Reading] = []
        self.newest: dict[int, Micros] = {}
        self._offsets: list[int] = []
        self._ends: dict[int, int] = {}

    def read(self, batches: Sequence[Batch]) -> int:
        """Decode one poll. Returns the number of records, readable or not."""
        self.readings, self._offsets, self._ends = [], [], {}
        for batch in batches:
            position = self._checkpoint.position(batch.partition.number)
            if position is None:  # another worker has the partition now, and reads these records
                continue
            self._ends[batch.partition.number] = batch.offsets[-1] + 1
            self._decode(batch, position)
        return sum(map(len, batches))

    def evaluated(self, first_readings: Sequence[tuple[DeviceState, int]]) -> None:
        """All readings are in the state of their devices now. `first_readings` are these devices, each with the index
        of its first reading."""
        for device, first in first_readings:
            self._checkpoint.changed(device.name, device.partition, self._offsets[first])
        for number, end in self._ends.items():
            self._checkpoint.evaluated(number, end)

    def _decode(self, batch: Batch, position: int) -> None:
        number, decoded = batch.partition.number, READING_WIRE.decode_many(batch.values)
        restored = self._checkpoint.restored(number)
        only_readings = set(map(type, decoded)) == {Reading} and CANARY not in set(map(_WARD, decoded))
        if only_readings and not restored and batch.offsets[0] >= position:
            self.readings += decoded  # type: ignore[arg-type]
            self._offsets += batch.offsets
        else:
            for offset, reading in zip(batch.offsets, decoded, strict=True):
                if isinstance(reading, WireError):
                    self._metrics.detector_records_unreadable.inc()
                elif is_canary(reading.ward, reading.values):
                    continue
                elif offset >= position and offset > restored.get(reading.device, -1):
                    self.readings.append(reading)
                    self._offsets.append(offset)
        last = decoded[-1]
        if isinstance(last, Reading):
            self.newest[number] = max(self.newest.get(number, 0), last.received_at)
