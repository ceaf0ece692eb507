"""Checkpoints: which state is in the log, and up to where readings need not be read again.

    readings 0 … 41 | 42 … 97 | 98 …          one partition
             saved  ▲ dirty   ▲ position
                    └ committed: the first reading that is in no saved state

Three orders are kept, each by waiting for the log's own word: findings are in the log before the
state that has them behind it, state is in the log before the position that needs it, and a
position is committed only for readings that are in a saved state. So a death between any two
steps costs work, never a verdict: what is judged again is judged the same and has the same ids.

State is saved in slices, the oldest first, so that each device is saved about once in `CYCLE` seconds
and no step takes long.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from detectors.engine.engine import Engine
from detectors.worker.state_codec import save
from ward.metrics import Metrics
from ward.ports import Consumer, Log, Partition, Receipt
from ward.topics import READINGS, STATE
from ward.wire import STATE as STATE_WIRE

CYCLE = 60.0
# The most devices saved in one step, and how many at least make one worth while.
MOST, LEAST = 64, 4


@dataclass(slots=True)
class _Part:
    """One partition: the position (0 until something came), the last committed one, the last reading in each
    state that was restored, the first unsaved reading of each device whose state has changed (the oldest
    first), the most there were of these since there were none, and how many may be saved by now."""

    restored: Mapping[str, int]
    position: int = 0
    committed: int = 0
    dirty: dict[str, int] = field(default_factory=dict)
    most: int = 0
    allowance: float = 0.0


@dataclass(slots=True)
class _Flight:
    """Something on its way into the log, with the devices it is about and the first reading that needs it."""

    receipt: Receipt
    offsets: Mapping[str, int]
    partitions: Mapping[str, int]


class Checkpoint:
    """What one worker has saved, and has yet to save."""

    def __init__(self, log: Log, engine: Engine, metrics: Metrics) -> None:
        self._log = log
        self._engine = engine
        self._metrics = metrics
        self._parts: dict[int, _Part] = {}
        self._findings: list[_Flight] = []
        self._states: list[_Flight] = []

    @property
    def numbers(self) -> list[int]:
        """The partitions that are ours."""
        return list(self._parts)

    def begin(self, number: int, restored: Mapping[str, int]) -> None:
        """A partition is ours. `restored` is the offset of the last reading in each state there is."""
        self._parts[number] = _Part(restored)

    def position(self, number: int) -> int | None:
        """The offset of the next reading to judge; None of a partition that is not ours."""
        part = self._parts.get(number)
        return None if part is None else part.position

    def restored(self, number: int) -> Mapping[str, int]:
        """The last reading in each state that was restored: readings up to it are not judged again. Empty
        once all of them have passed."""
        part = self._parts[number]
        if part.restored and part.position > max(part.restored.values()):
            part.restored = {}
        return part.restored

    def drop(self, numbers: Iterable[int]) -> None:
        """Partitions are ours no more."""
        for number in numbers:
            self._parts.pop(number, None)

    def taken(self, number: int, position: int) -> None:
        """Readings below `position` have been judged."""
        self._parts[number].position = position

    def changed(self, device: str, number: int, offset: int | None = None) -> None:
        """A device's state is another one since the reading at `offset`, or since now."""
        part = self._parts[number]
        part.dirty.setdefault(device, part.position if offset is None else offset)

    def told(self, receipt: Receipt, devices: Iterable[str]) -> None:
        """Findings about some devices are on their way: their state waits for them."""
        self._findings.append(_Flight(receipt, dict.fromkeys(devices, 0), {}))

    def settle(self, wait: float, most: int = 0) -> bool:
        """Notice what has become durable. True when at most `most` sendings are under way; it waits for that,
        `wait` seconds at most."""
        for flights in (self._findings, self._states):
            while flights and flights[0].receipt.settled(wait if len(flights) > most else 0.0):
                flights.pop(0)
        return len(self._findings) <= most and len(self._states) <= most

    def save_some(self, seconds: float) -> None:
        """Save the share of the changed devices that `seconds` are worth."""
        chosen: list[str] = []
        waiting = self._unsettled()
        for part in self._parts.values():
            part.most = max(part.most, len(part.dirty)) if part.dirty else 0
            part.allowance += part.most * seconds / CYCLE
            if part.allowance >= min(LEAST, len(part.dirty)) > 0:
                room = min(int(part.allowance) + 1, MOST)
                ready = (device for device in part.dirty if device not in waiting)
                chosen += [device for device, _ in zip(ready, range(room), strict=False)]
                part.allowance = 0.0
        self._save(chosen)

    def save_all(self, numbers: Iterable[int]) -> None:
        """Save every changed device of some partitions. Their findings must be settled."""
        self._save([device for number in numbers if number in self._parts for device in self._parts[number].dirty])

    def commit(self, consumer: Consumer) -> None:
        """Commit how far saved and settled states reach."""
        positions = {}
        for number, part in self._parts.items():
            under_way = [f.offsets[d] for f in self._states for d, n in f.partitions.items() if n == number]
            covered = min([part.position, *under_way, *list(part.dirty.values())[:1]])
            if covered > part.committed:
                part.committed = covered
                positions[Partition(READINGS, number)] = covered
        if positions:
            consumer.commit(positions)

    def _unsettled(self) -> set[str]:
        return {device for flight in self._findings for device in flight.offsets}

    def _save(self, devices: list[str]) -> None:
        if not devices:
            return
        of = {device: (number, part) for number, part in self._parts.items() for device in part.dirty}
        last = {d: max(of[d][1].position - 1, of[d][1].restored.get(d, -1)) for d in devices}
        receipt = self._log.send(STATE, [(r.device, STATE_WIRE.encode(r)) for r in save(self._engine, last)])
        offsets = {device: of[device][1].dirty.pop(device) for device in devices}
        self._states.append(_Flight(receipt, offsets, {device: of[device][0] for device in devices}))
        self._metrics.states_saved.inc(len(devices))
