"""Readings as columns, cut into waves: at most one value of a series in each, in order of arrival."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ward.clock import SECOND
from ward.reading import Flag, Reading

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]

# Facts about the delivery of readings, given to detectors as if the device had measured them.
LOST, DUPLICATES, LATE, REBOOTS, SKEW = (
    "lost_readings", "duplicate_readings", "late_readings", "reboots", "clock_skew",
)  # fmt: skip
DOUBT = "?"  # before a signal's name: its implausible values, each counting 1


@dataclass(frozen=True, slots=True)
class Wave:
    """One value of each of some series: series index, value, device time in seconds, and which reading it is of."""

    series: Ints
    x: Floats
    t: Floats
    origin: Ints


class SeriesTable:
    """Numbers for (device, signal), from 0 up, and when each was last heard of.

    `last` is the device time of the newest value judged, `heard` when the bridge saw it, both in
    seconds; -inf where there was none. The series with the empty signal is the device itself.
    """

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = []
        self.device: Ints = np.empty(0, dtype=np.intp)
        self.last: Floats = np.empty(0)
        self.heard: Floats = np.empty(0)
        self._of: dict[str, dict[str, int]] = {}

    def of(self, device: str) -> dict[str, int]:
        """The series of a device by signal. A device that is new gets its own, empty one first."""
        found = self._of.get(device)
        if found is None:
            found = self._of[device] = {}
            found[""] = self._new(device, "")
        return found

    def index(self, device: str, signal: str) -> int:
        of = self.of(device)
        found = of.get(signal)
        if found is None:
            found = of[signal] = self._new(device, signal)
        return found

    def __contains__(self, device: str) -> bool:
        return device in self._of

    def devices(self) -> list[str]:
        return list(self._of)

    def forget(self, device: str) -> None:
        """Drop a device's names; its numbers are not used again."""
        for index in self._of.pop(device, {}).values():
            self.last[index] = self.heard[index] = -np.inf

    def _new(self, device: str, signal: str) -> int:
        index = len(self.names)
        self.names.append((device, signal))
        if index >= len(self.last):
            more = max(256, len(self.last))
            self.last = np.concatenate((self.last, np.full(more, -np.inf)))
            self.heard = np.concatenate((self.heard, np.full(more, -np.inf)))
            self.device = np.concatenate((self.device, np.zeros(more, dtype=np.intp)))
        self.device[index] = self._of[device].get("", index)
        return index


def waves(readings: Sequence[Reading], table: SeriesTable) -> list[Wave]:
    """The values of readings in waves; the n-th reading of each device is in the n-th.

    A reading has a signal at most once, so a wave has a series at most once.
    """
    columns: list[tuple[list[int], list[float], list[int]]] = []
    count: dict[str, int] = {}
    for origin, reading in enumerate(readings):
        rank = count.get(reading.device, 0)
        count[reading.device] = rank + 1
        if rank == len(columns):
            columns.append(([], [], []))
        series, x, origins = columns[rank]
        of = table.of(reading.device)
        values = reading.values if _plain(reading) else {**reading.values, **_facts(reading)}
        for name, value in values.items():
            index = of.get(name)
            series.append(table.index(reading.device, name) if index is None else index)
            x.append(value)
        origins.extend([origin] * len(values))
    times = np.array([reading.at for reading in readings]) / SECOND
    return [_wave(series, x, origins, times) for series, x, origins in columns if series]


def _wave(series: list[int], x: list[float], origins: list[int], times: Floats) -> Wave:
    origin = np.array(origins, dtype=np.intp)
    return Wave(np.array(series, dtype=np.intp), np.array(x), times[origin], origin)


_TELLING = (
    Flag.OUT_OF_ORDER | Flag.REBOOTED | Flag.CLOCK_SKEWED | Flag.CLOCK_AHEAD | Flag.CLOCK_BEHIND | Flag.CLOCK_STEPPED
)


def _plain(reading: Reading) -> bool:
    return not (reading.doubtful or reading.lost or reading.duplicates or reading.flags & _TELLING)


def _facts(reading: Reading) -> dict[str, float]:
    facts = {f"{DOUBT}{name}": 1.0 for name in reading.doubtful}
    if reading.lost:
        facts[LOST] = float(reading.lost)
    if reading.duplicates:
        facts[DUPLICATES] = float(reading.duplicates)
    if reading.flags & Flag.OUT_OF_ORDER:
        facts[LATE] = 1.0
    if reading.flags & Flag.REBOOTED:
        facts[REBOOTS] = 1.0
    if reading.claimed is not None or reading.flags & Flag.CLOCK_SKEWED:
        facts[SKEW] = (reading.seen - (reading.at if reading.claimed is None else reading.claimed)) / SECOND
    return facts
