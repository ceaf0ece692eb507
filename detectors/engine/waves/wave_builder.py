"""Readings as columns, cut into waves: at most one value of a series in each, in order of arrival."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detectors.base.detector import Floats, Ints
from detectors.engine.devices import Device, Devices
from detectors.engine.tables.slot_index import span
from ward.clock import SECOND, Micros
from ward.reading import Flag, Reading

# Facts about the delivery of readings, given to detectors as if the device had measured them.
LOST, DUPLICATES, LATE, REBOOTS, SKEW = (
    "lost_readings", "duplicate_readings", "late_readings", "reboots", "clock_skew",
)  # fmt: skip
FACTS = frozenset({LOST, DUPLICATES, LATE, REBOOTS, SKEW})
DOUBT = "?"  # before a signal's name: its implausible values, each counting 1

# As plain numbers: an operation on a Flag costs a microsecond.
_OUR_TIME = int(Flag.CLOCK_AHEAD | Flag.CLOCK_BEHIND | Flag.CLOCK_STEPPED)
_SKEWED = int(Flag.CLOCK_SKEWED) | _OUR_TIME
_BACKLOG, _OUT_OF_ORDER, _REBOOTED = int(Flag.BACKLOG), int(Flag.OUT_OF_ORDER), int(Flag.REBOOTED)
_STATUS = int(Flag.STATUS)
_UNCLOCKED = _BACKLOG | _STATUS  # says nothing of the device's clock as it runs now
_TELLING = _SKEWED | _OUT_OF_ORDER | _REBOOTED

HUMIDITY = "humidity"
# Beyond this a number is none that anything measured, and its square is the end of every sum it is in.
MOST = 1e15


@dataclass(frozen=True, slots=True)
class Wave:
    """One value of each of some series, with its device time in seconds.

    `reading` says for each value which of the wave's readings it is of, or is all of them where each has one. By
    reading: `devices` whose it is, `seen` when the bridge took it, `origin` its place in the batch. `run` and
    `span` are devices and series as slices,
    where they are a run. `top` is above every number of a series. `hearsay` are the places of readings by which
    nobody heard of the device itself: the broker spoke for it.
    """

    series: Ints
    x: Floats
    t: Floats
    reading: Ints | slice
    devices: Ints
    seen: Floats
    origin: Ints
    run: Ints | slice
    span: Ints | slice
    top: int
    hearsay: Ints | None = None

    def only(self, values: Ints) -> "Wave":
        """Some of its values."""
        reading = values if isinstance(self.reading, slice) else self.reading[values]
        series = self.series[values]
        return replace(self, series=series, span=series, x=self.x[values], t=self.t[values], reading=reading)


class WaveBuilder:
    """Cuts batches of readings into waves; the n-th reading of each device is in the n-th.

    `meet` is asked about a device that is new or in no inventory, `learn` about a combination of signals that is
    new, `since` since when a device has been where it is. `touched` holds the devices of the last batch, each
    with the index of its first reading in it, and `outdated` counts values left out because their device has
    been moved since.
    """

    def __init__(
        self,
        devices: Devices,
        meet: Callable[[Reading], Device],
        learn: Callable[[Device, tuple[str, ...], Micros], int],
        since: Callable[[Device, Micros], Micros],
    ) -> None:
        self._devices = devices
        self._meet = meet
        self._learn = learn
        self._since = since
        self._turn = 0
        self.touched: list[tuple[Device, int]] = []
        self.outdated = 0
        self._hearsay: list[int] = []

    def cut(self, readings: Sequence[Reading]) -> list[Wave]:
        self._devices.release()
        self._turn = turn = self._turn + 1
        self.touched, self.outdated, self._hearsay = [], 0, []
        known = self._devices.by_name
        waves: list[tuple[list[int], list[float], list[int]]] = []
        for origin, reading in enumerate(readings):
            device = known.get(reading.device)
            if device is None or (device.stranger and _says_more(reading, device)):
                device = self._meet(reading)
            if device.turn != turn:
                device.turn, device.rank, rank = turn, 0, 0
                self.touched.append((device, origin))
            else:
                device.rank = rank = device.rank + 1
            values = reading.values
            # Nearly all readings are plain: what few need is looked for in one go.
            if (
                reading.flags or reading.implausible or reading.lost or reading.duplicates
                or device.logger or SKEW in device.series
            ):  # fmt: skip
                values = self._oddly(reading, device, origin)
            names = tuple(values)
            pattern = device.patterns.get(names)
            if pattern is None:
                pattern = self._learn(device, names, reading.seen)
            if rank == len(waves):
                waves.append(([], [], []))
            patterns, x, origins = waves[rank]
            patterns.append(pattern)
            x += values.values()
            origins.append(origin)
        at, seen = _seconds([reading.at for reading in readings]), _seconds([reading.seen for reading in readings])
        return [self._wave(*wave, at, seen) for wave in waves]

    def _oddly(self, reading: Reading, device: Device, origin: int) -> dict[str, float]:
        """The values of a reading that is not a plain one, with facts about it."""
        values = reading.values
        if reading.flags & _TELLING or reading.implausible or reading.lost or reading.duplicates:
            values = values | _facts(reading)
        elif SKEW in device.series and not reading.flags & _UNCLOCKED:
            values = {**values, SKEW: 0.0}
        if reading.flags & _BACKLOG and reading.at < self._since(device, reading.seen):
            # Measured where the device was before, perhaps of another patient: nothing to mix with what is now.
            self.outdated += len(values)
            values = {}
        if device.logger and HUMIDITY in values:
            device.total += values[HUMIDITY]
            device.readings += 1
        if reading.flags & _STATUS:
            self._hearsay.append(origin)
        return values

    def _wave(self, patterns: list[int], x: list[float], origins: list[int], at: Floats, seen: Floats) -> Wave:
        which, origin, known = np.array(patterns, dtype=np.intp), np.array(origins, dtype=np.intp), self._devices
        across = known.patterns.take(which, axis=0)
        reading: Ints | slice = slice(None)
        if across.min() >= 0:
            series, each = across.ravel(), across.shape[1]
            if each > 1:
                reading = np.arange(len(which)).repeat(each)
        else:
            there = across >= 0
            series, reading = across[there], np.nonzero(there)[0]
        devices = known.pattern_device[which]
        return Wave(
            series, np.array(x, dtype=np.float64), at[origin][reading], reading, devices, seen[origin], origin,
            span(devices), span(series), known.series.size,
            np.flatnonzero(np.isin(origin, self._hearsay)) if self._hearsay else None,
        )  # fmt: skip


def _seconds(instants: list[Micros]) -> Floats:
    try:
        # By way of whole numbers it takes a third of the time.
        return np.fromiter(instants, dtype=np.int64) / SECOND
    except OverflowError:  # no instant of anybody's, but no reason to fall
        return np.array(instants, dtype=np.float64) / SECOND


def _says_more(reading: Reading, device: Device) -> bool:
    return (
        reading.ward != device.ward or reading.device_kind != device.device_kind or reading.attached != device.attached
    )


def _facts(reading: Reading) -> dict[str, float]:
    facts = {f"{DOUBT}{name}": 1.0 for name in reading.implausible}
    if reading.lost:
        facts[LOST] = float(reading.lost)
    if reading.duplicates:
        facts[DUPLICATES] = float(reading.duplicates)
    if reading.flags & _OUT_OF_ORDER:
        facts[LATE] = 1.0
    if reading.flags & _REBOOTED:
        facts[REBOOTS] = 1.0
    if reading.flags & _SKEWED:
        facts[SKEW] = (reading.seen - (reading.at if reading.claimed is None else reading.claimed)) / SECOND
    return facts
