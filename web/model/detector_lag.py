"""Until when the readings of each device are evaluated, by what the detectors publish, and by its age."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ward.clock import SECOND, Clock, Micros
from ward.wire import DetectorLag
from web.model.now import Now

BEHIND_AFTER = 5.0  # seconds of lag from which on a device counts as not evaluated


class Evaluated(NamedTuple):
    """Whether what a device sends is evaluated, or was until lately; else until when it was, None where that is not
    known."""

    current: bool = True
    until: Micros | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest record of a partition; `received` is when it would have reached this process without delay, in
    monotonic seconds."""

    record: DetectorLag
    received: float


class DetectorLagIndex:
    """The newest record of each partition of the readings.

    What is not known counts as lag: a record that is not followed by another one says ever less about now, and devices
    of a partition without a record are evaluated by nobody.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.monotonic()
        self._known: dict[int, _Known] = {}
        self._offset = -1
        self._partition: Callable[[str], int] = lambda _: 0

    def use_partitions(self, partition: Callable[[str], int]) -> None:
        """Take the partitions of devices from the log that is followed."""
        self._partition = partition

    def apply(self, record: DetectorLag, offset: int, *, old: bool) -> None:
        """Apply a record. `old` says that it was in the log before this process: only its own time says how old it is.
        Of a new one, the time here does, so that the clock of another machine makes no lag. One that is read again is
        ignored."""
        if offset <= self._offset:
            return
        self._offset = offset
        age = max(0.0, (self._clock.now() - record.at) / SECOND) if old else 0.0
        self._known[record.partition] = _Known(record, self._clock.monotonic() - age)

    def of(self, devices: Iterable[str], now: Now) -> Evaluated:
        """Of several devices, the one that is furthest behind."""
        found = [evaluated for device in devices if not (evaluated := self._of(device, now)).current]
        return min(found, key=lambda evaluated: evaluated.until or 0, default=Evaluated())

    def _of(self, device: str, now: Now) -> Evaluated:
        known = self._known.get(self._partition(device))
        if known is None:
            return Evaluated(now.monotonic - self._since <= BEHIND_AFTER)
        until = min(known.record.until, known.record.behind.get(device, known.record.until))
        lag = (known.record.at - until) / SECOND + now.monotonic - known.received
        return Evaluated() if lag <= BEHIND_AFTER else Evaluated(False, until)
