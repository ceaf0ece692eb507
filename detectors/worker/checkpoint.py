"""Checkpoints: which state is in the log, and from where readings must be read again.

    readings 0 … 41 | 42 … 97 | 98 …          one partition
             saved  ▲ unsaved ▲ position
                    └ committed: the first reading that is in no saved state

Three things happen in order, each after the log's receipt for the one before: findings are in the log before the state
that follows from them, state is in the log before the position that needs it, and a position is committed only for
readings that are in a saved state. So a crash between any two steps costs work and changes no finding: readings that
are evaluated again give the same findings with the same ids. While a device is behind, its first reading that waits
holds the committed position back; the state of each device says which of its readings need not be evaluated again.

State is saved in slices, the oldest first: each device about once in `CYCLE` seconds, and no step takes long.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from detectors.engine.engine import Engine
from detectors.worker.stage import DEVICES, Stage
from detectors.worker.state_codec import save
from ward.metrics import Metrics
from ward.ports import Consumer, Log, Partition, Receipt
from ward.wire import STATE_WIRE as STATE_WIRE

CYCLE = 60.0
# The most devices saved in one step, and the fewest that a step begins with.
MOST, LEAST = 64, 4


@dataclass(slots=True)
class _Progress:
    """How far one partition is.

    `restored` is the last reading in each state that was restored, `position` the next reading to evaluate (0 before
    the first), `committed` the position committed last. `waiting` is the first reading below `position` that is not
    evaluated, for each device that is behind. `unsaved` is the first reading that is not in the saved state, for each
    device whose state changed, the longest unsaved first; `most` the largest number of these since there were none;
    `allowance` how many may be saved by now.
    """

    restored: Mapping[str, int]
    position: int = 0
    committed: int = 0
    waiting: Mapping[str, int] = field(default_factory=dict)
    unsaved: dict[str, int] = field(default_factory=dict)
    most: int = 0
    allowance: float = 0.0

    def last(self, device: str) -> int:
        """The offset up to which the readings of a device are in its state."""
        return max(self.waiting.get(device, self.position) - 1, self.restored.get(device, -1))


@dataclass(slots=True)
class _InFlight:
    """Records that the log has not acknowledged yet: the devices they are about, with the first reading that needs
    them, and the partitions of these devices."""

    receipt: Receipt
    offsets: Mapping[str, int]
    partitions: Mapping[str, int]


class Checkpoint:
    """What one worker has saved, and has yet to save. `findings_made` counts the sends of findings, `findings_in_log`
    those that are durable, in order."""

    def __init__(self, log: Log, engine: Engine, metrics: Metrics, stage: Stage = DEVICES) -> None:
        self._stage = stage
        self._log = log
        self._engine = engine
        self._metrics = metrics
        self._progress: dict[int, _Progress] = {}
        self._findings: list[_InFlight] = []
        self._states: list[_InFlight] = []
        self.findings_in_log = self.findings_made = 0

    @property
    def partitions(self) -> list[int]:
        """The partitions that this worker has."""
        return list(self._progress)

    def add_partition(self, number: int, restored: Mapping[str, int]) -> None:
        """This worker has a partition now. `restored` is the offset of the last reading in each state there is."""
        self._progress[number] = _Progress(restored)

    def remove_partitions(self, numbers: Iterable[int]) -> None:
        """This worker no longer has some partitions."""
        for number in numbers:
            self._progress.pop(number, None)

    def position(self, number: int) -> int | None:
        """The offset of the next reading to evaluate; None for a partition that this worker does not have."""
        progress = self._progress.get(number)
        return None if progress is None else progress.position

    def restored(self, number: int) -> Mapping[str, int]:
        """The offset of the last reading in each state that was restored: readings up to it are not evaluated again.
        Empty as soon as all of them have passed."""
        progress = self._progress[number]
        if progress.restored and progress.position > max(progress.restored.values()):
            progress.restored = {}
        return progress.restored

    def evaluated(self, number: int, position: int) -> None:
        """Readings below `position` have been evaluated, or wait."""
        self._progress[number].position = position

    def waiting(self, number: int, first: Mapping[str, int]) -> None:
        """The devices of a partition that are behind now, each with the offset of its first reading that waits."""
        self._progress[number].waiting = first

    def changed(self, device: str, number: int, offset: int | None = None) -> None:
        """A device's state has changed by the reading at `offset`, or by something else now."""
        progress = self._progress[number]
        next_one = progress.waiting.get(device, progress.position)
        progress.unsaved.setdefault(device, next_one if offset is None else offset)

    def findings_sent(self, receipt: Receipt, devices: Iterable[str]) -> None:
        """Findings about some devices are sent and not yet acknowledged: the state of these devices waits for them."""
        self._findings.append(_InFlight(receipt, dict.fromkeys(devices, 0), {}))
        self.findings_made += 1

    def flush(self, wait: float, most: int = 0) -> bool:
        """Take note of what has become durable, and wait for it until at most `most` sends are in flight, `wait`
        seconds at most. Returns whether no more are."""
        for in_flight in (self._findings, self._states):
            while in_flight and in_flight[0].receipt.acked(wait if len(in_flight) > most else 0.0):
                in_flight.pop(0)
        self.findings_in_log = self.findings_made - len(self._findings)
        return len(self._findings) <= most and len(self._states) <= most

    def save_some(self, seconds: float) -> None:
        """Save as many of the changed devices as are due after `seconds`."""
        chosen: list[str] = []
        waiting = {device for sending in self._findings for device in sending.offsets}
        for progress in self._progress.values():
            progress.most = max(progress.most, len(progress.unsaved)) if progress.unsaved else 0
            progress.allowance += progress.most * seconds / CYCLE
            if progress.allowance >= min(LEAST, len(progress.unsaved)) > 0:
                room = min(int(progress.allowance) + 1, MOST)
                ready = (device for device in progress.unsaved if device not in waiting)
                chosen += [device for device, _ in zip(ready, range(room), strict=False)]
                progress.allowance = 0.0
        self._save(chosen)

    def save_all(self, numbers: Iterable[int]) -> None:
        """Save every changed device of some partitions. Their findings must be durable."""
        self._save([d for n in numbers if n in self._progress for d in self._progress[n].unsaved])

    def commit(self, consumer: Consumer) -> None:
        """Commit how far the durable states reach."""
        positions = {}
        for number, progress in self._progress.items():
            in_flight = [s.offsets[d] for s in self._states for d, n in s.partitions.items() if n == number]
            covered = min([progress.position, *in_flight, *progress.unsaved.values(), *progress.waiting.values()])
            if covered > progress.committed:
                progress.committed = covered
                positions[Partition(self._stage.readings, number)] = covered
        if positions:
            consumer.commit(positions)

    def _save(self, devices: list[str]) -> None:
        if not devices:
            return
        owner = {
            device: (number, progress) for number, progress in self._progress.items() for device in progress.unsaved
        }
        last = {d: owner[d][1].last(d) for d in devices}
        receipt = self._log.send(
            self._stage.state, [(r.device, STATE_WIRE.encode(r)) for r in save(self._engine, last)]
        )
        offsets = {device: owner[device][1].unsaved.pop(device) for device in devices}
        self._states.append(_InFlight(receipt, offsets, {device: owner[device][0] for device in devices}))
        self._metrics.states_saved.inc(len(devices))
