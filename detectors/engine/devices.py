"""What is known of each device and each of its series: numbers for names, and when they were last heard of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from detectors.base.detector import Floats, Ints
from ward.inventory import Place

if TYPE_CHECKING:
    from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.rule_row import RuleRow

MOST_PATTERNS = 32


@dataclass(slots=True, eq=False)
class Device:
    """A device as the engine knows it.

    `group` is the partition it came from. `ward`, `device_kind` and `attached` are what it said of itself, `place`
    where it is. `series` are the numbers of its signals, `patterns` those of combinations of signals it sends,
    `rows` the slots that watch it, `open` those that may have an episode. `turn` and `rank` belong to the batch being
    cut.
    """

    name: str
    number: int
    group: int = 0
    ward: str = ""
    device_kind: str = ""
    attached: str = ""
    place: Place = field(default_factory=lambda: Place(ward=""))
    stranger: bool = True
    posted: bool = False
    logger: bool = False
    total: float = 0.0
    readings: int = 0
    turn: int = -1
    rank: int = 0
    series: dict[str, int] = field(default_factory=dict)
    patterns: dict[tuple[str, ...], int] = field(default_factory=dict)
    rows: "dict[DetectorTable, list[int]]" = field(default_factory=dict)
    open: "list[tuple[DetectorTable, int, RuleRow]]" = field(default_factory=list)


class Numbered:
    """Columns of numbers that are given out from 0 up, and may be given back."""

    starts: ClassVar[dict[str, float]]

    def __init__(self) -> None:
        self.size = 0
        self._free: list[int] = []
        for name, start in self.starts.items():
            setattr(self, name, np.full(256, start))

    def new(self) -> int:
        if self._free:
            return self._free.pop()
        number, self.size = self.size, self.size + 1
        if number >= len(getattr(self, next(iter(self.starts)))):
            for name, start in self.starts.items():
                array = getattr(self, name)
                setattr(self, name, np.concatenate((array, np.full(len(array), start))))
        return number

    def free(self, number: int) -> None:
        for name, start in self.starts.items():
            getattr(self, name)[number] = start
        self._free.append(number)


class DeviceColumns(Numbered):
    """By the number of a device, in seconds since the epoch: when the bridge saw the newest reading of its own
    (`heard`; of a device that never came, since when it is missed, or that the broker first spoke of it) and the
    oldest, and how many there were; the next instant at which time alone may change something (`due`), and up to when
    it has passed (`ticked`); when its place may change (`boundary`); the partition; and as 0 or 1 whether the next
    reading may end what only time can judge (`restless`), whether it is in no inventory, and whether it may have an
    episode (`open`)."""

    starts: ClassVar[dict[str, float]] = {
        "heard": -np.inf, "first": np.inf, "count": 0.0, "due": np.inf, "ticked": -np.inf, "boundary": np.inf,
        "group": 0.0, "restless": 0.0, "stranger": 1.0, "open": 0.0,
    }  # fmt: skip
    heard: Floats
    first: Floats
    count: Floats
    due: Floats
    ticked: Floats
    boundary: Floats
    group: Floats
    restless: Floats
    stranger: Floats
    open: Floats

    def lived(self, numbers: Ints) -> Floats:
        """Up to which second each has lived: what time passed for, or what it has said since."""
        return np.maximum(self.ticked[numbers], np.floor(self.heard[numbers]))


class SeriesColumns(Numbered):
    """By the number of a series: the device time of the newest value judged (`last`, -inf: none); `heard`, `first` and
    `count` as of its device."""

    starts: ClassVar[dict[str, float]] = {"last": -np.inf, "heard": -np.inf, "first": np.inf, "count": 0.0}
    last: Floats
    heard: Floats
    first: Floats
    count: Floats


class Devices:
    """All devices, all series, and all combinations of signals that came in one reading."""

    def __init__(self) -> None:
        self.by_name: dict[str, Device] = {}
        self.by_number: dict[int, Device] = {}
        self.columns = DeviceColumns()
        self.series = SeriesColumns()
        # The series of each combination of signals of a device: a row a combination, -1 where it is shorter.
        self.patterns: Ints = np.full((256, 1), -1, dtype=np.intp)
        self.pattern_device: Ints = np.zeros(256, dtype=np.intp)
        self._patterns = 0
        self._free: list[int] = []
        self._stale: list[int] = []

    def meet(self, name: str, group: int) -> Device:
        """A device that is new here."""
        number = self.columns.new()
        device = self.by_name[name] = self.by_number[number] = Device(name, number, group)
        self.columns.group[number] = group
        return device

    def of(self, numbers: Ints) -> list[Device]:
        return [self.by_number[number] for number in numbers.tolist()]

    def add(self, device: Device, signal: str) -> None:
        """A series that is new."""
        device.series[signal] = self.series.new()

    def pattern(self, device: Device, signals: tuple[str, ...]) -> int:
        """The number of a combination of signals of a device, all of whose series exist.

        A device that sends ever new combinations is given its numbers anew, so that memory stays bounded.
        """
        if len(device.patterns) >= MOST_PATTERNS:
            self.unlearn(device)
        number = self._free.pop() if self._free else self._patterns
        self._patterns = max(self._patterns, number + 1)
        self._widen(number, len(signals))
        self.patterns[number] = -1
        self.patterns[number, : len(signals)] = [device.series[signal] for signal in signals]
        self.pattern_device[number] = device.number
        device.patterns[signals] = number
        return number

    def unlearn(self, device: Device) -> None:
        """Forget a device's combinations; they are learned again when they come."""
        self._stale += device.patterns.values()
        device.patterns.clear()

    def begin(self, device: Device, signals: Iterable[str], seen: float) -> None:
        """Note when a device, and some of its signals, were first heard of."""
        numbers = [device.series[signal] for signal in signals]
        for table, of in ((self.series, numbers), (self.columns, [device.number])):
            table.first[of] = np.where(table.count[of] == 0, np.minimum(table.first[of], seen), table.first[of])

    def retire(self, device: Device) -> None:
        """Nothing a device said counts any more; it begins anew when it comes back."""
        numbers = list(device.series.values())
        for table, of in ((self.series, numbers), (self.columns, [device.number])):
            table.count[of], table.first[of] = 0, np.inf
        self.unlearn(device)

    def release(self) -> None:
        """Combinations given up may be used again: nothing that was cut before is looked at any more."""
        self._free += self._stale
        self._stale.clear()

    def forget(self, device: Device) -> None:
        """Give a device's numbers free."""
        del self.by_name[device.name], self.by_number[device.number]
        self.unlearn(device)
        self.columns.free(device.number)
        for number in device.series.values():
            self.series.free(number)

    def _widen(self, rows: int, width: int) -> None:
        have, wide = self.patterns.shape
        if rows < have and width <= wide:
            return
        bigger = np.full((have if rows < have else 2 * rows, max(wide, width)), -1, dtype=np.intp)
        bigger[:have, :wide] = self.patterns
        self.patterns = bigger
        self.pattern_device = np.concatenate((self.pattern_device, np.zeros(len(bigger) - have, dtype=np.intp)))
