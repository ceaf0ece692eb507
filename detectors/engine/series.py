"""What is known of each device and each of its series: numbers for names, and when they were last heard of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from detectors.engine.base import Floats, Ints
from ward.inventory import Place

if TYPE_CHECKING:
    from detectors.engine.bank import Bank

MOST_PATTERNS = 32


@dataclass(slots=True, eq=False)
class Device:
    """A device as the engine knows it.

    `number` is that of its own, nameless series; `group` the partition it came from. `ward`, `kind` and
    `attached` are what it said of itself; `place` where it is, until `boundary`. `patterns` are the
    numbers of combinations of signals it sends. `turn` and `rank` belong to the batch being cut.
    """

    name: str
    number: int
    group: int = 0
    ward: str = ""
    kind: str = ""
    attached: str = ""
    place: Place = field(default_factory=lambda: Place(ward=""))
    boundary: float = np.inf
    posted: bool = False
    logger: bool = False
    total: float = 0.0
    readings: int = 0
    turn: int = -1
    rank: int = 0
    series: dict[str, int] = field(default_factory=dict)
    patterns: dict[tuple[str, ...], int] = field(default_factory=dict)
    rows: "dict[Bank, list[int]]" = field(default_factory=dict)


class SeriesTable:
    """Columns by the number of a series, all in seconds since the epoch.

    `last` is the device time of the newest value judged (-inf: none), `heard` when the bridge saw
    the newest one, `first` the oldest, `count` how many there were; of a series that is expected and never
    came, `heard` and `first` are when it began to be missed. By the number of a device's own series: `due` is
    the next instant at which time alone may change something, `ticked` up to when it has passed, `group`
    its partition, `restless` whether its next reading may end an episode that only time can judge.
    """

    def __init__(self) -> None:
        self.devices: dict[str, Device] = {}
        self.by_number: dict[int, Device] = {}
        self.size = 0
        self._free: list[int] = []
        for name, start in _FLOATS.items():
            setattr(self, name, np.full(256, start))
        self.device: Ints = np.zeros(256, dtype=np.intp)
        self.group: Ints = np.zeros(256, dtype=np.intp)
        self.restless = np.zeros(256, dtype=np.bool_)
        # The series of each combination of signals of a device: a row a combination, -1 where it is shorter.
        self.patterns: Ints = np.full((256, 8), -1, dtype=np.intp)
        self.pattern_device: Ints = np.zeros(256, dtype=np.intp)
        self._patterns = 0
        self._free_patterns: list[int] = []
        self._stale_patterns: list[int] = []

    last: Floats
    heard: Floats
    first: Floats
    count: Floats
    due: Floats
    ticked: Floats

    def meet(self, name: str, group: int) -> Device:
        """A device that is new here, with its own series."""
        number = self._new()
        device = self.devices[name] = self.by_number[number] = Device(name, number, group)
        device.series[""] = self.device[number] = number
        self.group[number] = group
        return device

    def index(self, device: Device, signal: str) -> int:
        """The number of a series; a new one where there was none."""
        found = device.series.get(signal)
        if found is None:
            found = device.series[signal] = self._new()
            self.device[found] = device.number
        return found

    def pattern(self, device: Device, signals: tuple[str, ...]) -> int:
        """The number of a combination of signals of a device, all of whose series exist.

        A device that sends ever new combinations is given its numbers anew, so that memory stays bounded.
        """
        if len(device.patterns) >= MOST_PATTERNS:
            self._stale_patterns += device.patterns.values()
            device.patterns.clear()
        number = self._free_patterns.pop() if self._free_patterns else self._patterns
        self._patterns = max(self._patterns, number + 1)
        self._widen(number, len(signals))
        self.patterns[number] = -1
        self.patterns[number, : len(signals)] = [device.series[signal] for signal in signals]
        self.pattern_device[number] = device.number
        device.patterns[signals] = number
        return number

    def release(self) -> None:
        """Combinations given up may be used again: nothing that was cut before is looked at any more."""
        self._free_patterns += self._stale_patterns
        self._stale_patterns.clear()

    def forget(self, device: Device) -> None:
        """Give a device's numbers free."""
        del self.devices[device.name], self.by_number[device.number]
        self._stale_patterns += device.patterns.values()
        for number in device.series.values():
            self._free.append(number)
            self._reset(number)

    def of(self, numbers: Iterable[int]) -> list[Device]:
        return [self.by_number[number] for number in numbers]

    def _new(self) -> int:
        if self._free:
            return self._free.pop()
        number, self.size = self.size, self.size + 1
        if number >= len(self.device):
            for name in (*_FLOATS, "device", "group", "restless"):
                array = getattr(self, name)
                fill = np.full(len(array), _FLOATS.get(name, 0), dtype=array.dtype)
                setattr(self, name, np.concatenate((array, fill)))
        return number

    def _reset(self, number: int) -> None:
        for name, start in _FLOATS.items():
            getattr(self, name)[number] = start
        self.restless[number] = False

    def _widen(self, rows: int, width: int) -> None:
        have, wide = self.patterns.shape
        if rows < have and width <= wide:
            return
        bigger = np.full((max(have, 2 * rows), max(wide, width)), -1, dtype=np.intp)
        bigger[:have, :wide] = self.patterns
        self.patterns = bigger
        self.pattern_device = np.concatenate((self.pattern_device, np.zeros(len(bigger) - have, dtype=np.intp)))


_FLOATS = {"last": -np.inf, "heard": -np.inf, "first": -np.inf, "count": 0.0, "due": np.inf, "ticked": -np.inf}
