"""The devices that the engine knows, with their series and the combinations of signals they send."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from detectors.base.columns import Ints
from detectors.engine.number_columns import DeviceColumns, SeriesColumns
from detectors.engine.signal_sets import SignalSets
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.rule_row import RuleRow
from detectors.peers.subject import CohortSubject, cohort_of
from ward.clock import Micros
from ward.finding import Finding, Kind
from ward.inventory import Place


@dataclass(slots=True, eq=False)
class DeviceState:
    """One device.

    `partition` is its partition of the log. `ward`, `device_kind` and `attached` are what its readings say of it,
    `place` is where it is, `place_changes` are the instants at which its bed or its patient may change, in order.
    `unregistered` is whether it is a device that is not in the inventory, `assigned` whether the inventory assigns it
    to a place now, `logger` whether it is a humidity logger, with the sum and number of its humidity values. `series`
    are the numbers of its signals, `signal_sets` those of the combinations of signals that it sends, `rows` its slots
    in each table, and `open` those that may have an open episode. `cohort` is set where this is a cohort: its signals
    are its members.
    """

    name: str
    number: int
    partition: int = 0
    ward: str = ""
    device_kind: str = ""
    attached: str = ""
    place: Place = field(default_factory=lambda: Place(ward=""))
    place_changes: Sequence[Micros] = ()
    unregistered: bool = True
    assigned: bool = False
    logger: bool = False
    humidity_sum: float = 0.0
    humidity_count: int = 0
    series: dict[str, int] = field(default_factory=dict)
    signal_sets: dict[tuple[str, ...], int] = field(default_factory=dict)
    rows: dict[DetectorTable, list[int]] = field(default_factory=dict)
    open: list[tuple[DetectorTable, int, RuleRow]] = field(default_factory=list)
    cohort: CohortSubject | None = None

    def has_patient_episode(self) -> bool:
        """Whether a physiological rule has an open episode."""
        return any(row.last_finding and row.rule.kind is Kind.PHYSIOLOGICAL for _, _, row in self.open)

    def placed_since(self, now: Micros) -> Micros:
        """Since when it has been where it is at `now`, with the same patient; 0 for ever."""
        before = bisect_right(self.place_changes, now)
        return self.place_changes[before - 1] if before else 0

    def slots(self) -> Iterator[tuple[DetectorTable, int]]:
        """All its rows. The caller may not remove rows meanwhile: take a list for that."""
        return ((table, slot) for table, slots in self.rows.items() for slot in slots)


def series_of(finding: Finding, device: DeviceState) -> str:
    """The signal whose row made a finding; of a cohort that is the device that it is about."""
    return finding.device if device.cohort else finding.signal


class Devices:
    """All devices by name and by number, and the columns of devices and series."""

    def __init__(self) -> None:
        self.by_name: dict[str, DeviceState] = {}
        self.by_number: dict[int, DeviceState] = {}
        self.columns = DeviceColumns()
        self.series = SeriesColumns()
        self.signal_sets = SignalSets()

    def add(self, name: str, partition: int) -> DeviceState:
        """Add a device that is not known yet."""
        number = self.columns.new()
        device = self.by_name[name] = self.by_number[number] = DeviceState(
            name, number, partition, cohort=cohort_of(name)
        )  # fmt: skip
        self.columns.partition[number] = partition
        return device

    def remove(self, device: DeviceState) -> None:
        """Remove a device and give its numbers back."""
        del self.by_name[device.name], self.by_number[device.number]
        self.signal_sets.remove(device.signal_sets)
        self.columns.free(device.number)
        for number in device.series.values():
            self.series.free(number)

    def oldest_unregistered(self, most: int) -> list[DeviceState]:
        """Where more than `most` devices are unregistered, those to forget: a tenth more than are too many, those that
        have sent nothing for longest, and those with an open episode of a patient last."""
        found = [device for device in self.by_name.values() if device.unregistered]
        if len(found) <= most:
            return []
        last_seen = self.columns.last_seen
        found.sort(key=lambda device: (device.has_patient_episode(), last_seen[device.number]))
        return found[: len(found) - most + most // 10]

    def of(self, numbers: Ints) -> list[DeviceState]:
        """The devices with these numbers."""
        return [self.by_number[number] for number in numbers.tolist()]

    def add_series(self, device: DeviceState, signal: str) -> None:
        """Add a series that is not known yet."""
        device.series[signal] = self.series.new()

    def remove_series(self, device: DeviceState, signal: str) -> None:
        """Remove a series without rows, and give its number back. Call it between batches."""
        self.signal_sets.remove(device.signal_sets)
        self.series.free(device.series.pop(signal))

    def note_first_seen(self, device: DeviceState, signals: Iterable[str], received_at: float) -> None:
        """Note the first reading of a device and of some of its signals, at `received_at` seconds, where it is the
        first."""
        numbers = [device.series[signal] for signal in signals]
        for table, rows in ((self.series, numbers), (self.columns, [device.number])):
            first = np.minimum(table.first_seen[rows], received_at)
            table.first_seen[rows] = np.where(table.count[rows] == 0, first, table.first_seen[rows])

    def forget_series(self, device: DeviceState, signal: str) -> None:
        """Treat the next value of a series as its first one."""
        number = device.series[signal]
        self.series.count[number], self.series.first_seen[number] = 0, np.inf

    def forget_history(self, device: DeviceState) -> None:
        """Treat the next reading of a device as its first one."""
        numbers = list(device.series.values())
        for table, rows in ((self.series, numbers), (self.columns, [device.number])):
            table.count[rows], table.first_seen[rows] = 0, np.inf
        self.signal_sets.remove(device.signal_sets)
