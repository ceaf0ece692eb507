"""Readings → arrays: names of devices and signals become numbers, and what is new is added."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from detectors.base.columns import Floats
from detectors.base.derived_signals import SKEW, derived_values, has_derived_values
from detectors.engine.column_indexer import ColumnIndexer, in_order
from detectors.engine.device_columns import DeviceColumns
from detectors.engine.devices import Devices, DeviceState
from detectors.engine.new_devices import NewDevices
from detectors.engine.rule_assignment import ForcedEnd, RuleAssignment
from detectors.engine.time_advance import TimeAdvance
from detectors.engine.waves.indexed_readings import IndexedReadings
from ward.clock import SECOND, Micros
from ward.reading import Flag, Reading

HUMIDITY = "humidity"
# As integers: an operation on a Flag costs a microsecond.
_BACKLOG, _STATUS = int(Flag.BACKLOG), int(Flag.STATUS)
_CLOCK_UNKNOWN = _BACKLOG | _STATUS  # such a reading does not show the clock difference now


@dataclass(slots=True)
class IndexingEffects:
    """What came of indexing besides the arrays: episodes that ended because a device is elsewhere, and the number of
    values left out because their device, or the patient, is elsewhere by now."""

    ended: list[ForcedEnd] = field(default_factory=list)
    left_out: int = 0


class ReadingIndexer:
    """Gives the readings of a batch the numbers of their devices and series."""

    def __init__(self, devices: Devices, rules: RuleAssignment, time: TimeAdvance, new_devices: NewDevices) -> None:
        self._devices = devices
        self._rules = rules
        self._time = time
        self._new_devices = new_devices
        self._columns = ColumnIndexer(devices, self._add_signals)

    def index(self, readings: Iterable[Reading]) -> tuple[IndexedReadings, IndexingEffects]:
        """Index readings in the order of the log; devices, series and combinations of signals that are new are
        added."""
        self._devices.signal_sets.reuse_removed()
        effects, known = IndexingEffects(), self._devices.by_name
        numbers: list[int] = []
        x: list[float] = []
        at: list[Micros] = []
        received: list[Micros] = []
        status_only: list[int] = []
        for i, reading in enumerate(readings):
            device = known.get(reading.device)
            if device is None or (device.unregistered and _differs(reading, device)):
                device = self._describe(reading, effects)
            values = reading.values
            # One condition for all that few readings need.
            if (
                reading.flags or reading.implausible or reading.lost or reading.duplicates
                or device.logger or SKEW in device.series
            ):  # fmt: skip
                values = self._values(reading, device, effects)
                if reading.flags & _STATUS:
                    status_only.append(i)
            signals = tuple(values)
            number = device.signal_sets.get(signals)
            if number is None:
                number = self._add_signals(device, signals, reading.received_at)
            numbers.append(number)
            at.append(reading.at)
            received.append(reading.received_at)
            x += values.values()
        return self._arrays(numbers, x, at, received, status_only), effects

    def index_columns(
        self, columns: Sequence[DeviceColumns], readings: Iterable[Reading]
    ) -> tuple[IndexedReadings, IndexingEffects]:
        """Index columns of devices that `takes_columns`, and the readings of other devices, as one batch in the order
        of when the bridge received them."""
        batch, effects = self.index(readings)
        of_columns = self._columns.index(columns)
        return in_order([batch, of_columns]), effects

    def takes_columns(self, name: str) -> bool:
        """Whether the readings of a device may come in columns: it is known and registered, and its readings need
        nothing but their values."""
        device = self._devices.by_name.get(name)
        return device is not None and not (device.unregistered or device.logger or SKEW in device.series)

    def _arrays(
        self, numbers: list[int], x: list[float], at: list[Micros], received: list[Micros], status_only: list[int]
    ) -> IndexedReadings:
        sets, which = self._devices.signal_sets, np.array(numbers, dtype=np.intp)
        series = sets.series.take(which, axis=0)
        there = series >= 0
        return IndexedReadings(
            devices=sets.device[which], at=_seconds(at), received_at=_seconds(received), count=there.sum(axis=1),
            series=series[there], x=np.fromiter(x, dtype=np.float64), status_only=np.array(status_only, dtype=np.intp),
            series_count=self._devices.series.size, received=received,
        )  # fmt: skip

    def _describe(self, reading: Reading, effects: IndexingEffects) -> DeviceState:
        """A device that is new, or not in the inventory: then where it is follows from its own readings."""
        device = self._devices.by_name.get(reading.device)
        ward, kind, attached = reading.ward, reading.device_kind, reading.attached
        if device is None:
            return self._new_devices.add(reading.device, reading.received_at, ward, kind, attached)
        described = ward or device.ward, kind or device.device_kind, attached or device.attached
        if described != (device.ward, device.device_kind, device.attached):
            device.ward, device.device_kind, device.attached = described
            effects.ended += self._rules.relocate(device, reading.received_at, reading.received_at)
        return device

    def _values(self, reading: Reading, device: DeviceState, effects: IndexingEffects) -> dict[str, float]:
        """The values of a reading, with its derived values among them."""
        values = reading.values
        if has_derived_values(reading):
            values = values | derived_values(reading)
        elif SKEW in device.series and not reading.flags & _CLOCK_UNKNOWN:
            values = {**values, SKEW: 0.0}
        if reading.flags & _BACKLOG and reading.at < device.placed_since(reading.received_at):
            # Measured where the device was before, perhaps of another patient: it must not mix with the values now.
            effects.left_out += len(values)
            values = {}
        if device.logger and HUMIDITY in values:
            device.humidity_sum += values[HUMIDITY]
            device.humidity_count += 1
        return values

    def _add_signals(self, device: DeviceState, signals: tuple[str, ...], received_at: Micros) -> int:
        """Add a combination of signals to those of a device, and the series that are new."""
        for signal in signals:
            self._rules.add_series(device, signal)
        self._devices.note_first_seen(device, signals, received_at / SECOND)
        self._time.schedule(device.number)
        series = [device.series[signal] for signal in signals]
        return self._devices.signal_sets.add(device.signal_sets, device.number, signals, series)


def _differs(reading: Reading, device: DeviceState) -> bool:
    """Whether a reading describes its device otherwise than the readings before."""
    if reading.ward != device.ward or reading.attached != device.attached:
        return True
    return reading.device_kind != device.device_kind


def _seconds(instants: list[Micros]) -> Floats:
    try:
        # By way of integers it takes a third of the time.
        return np.fromiter(instants, dtype=np.int64) / SECOND
    except OverflowError:  # an instant beyond int64: floats hold it, so one wrong reading does not stop the others
        return np.array(instants, dtype=np.float64) / SECOND
