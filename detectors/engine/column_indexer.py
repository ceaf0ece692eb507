"""Columns of devices → the arrays of a batch, as `ReadingIndexer` makes them of readings."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from detectors.base.columns import Floats, Ints
from detectors.engine.device_columns import DeviceColumns
from detectors.engine.devices import Devices, DeviceState
from detectors.engine.waves.indexed_readings import IndexedReadings
from ward.clock import SECOND, Micros

AddSignals = Callable[[DeviceState, tuple[str, ...], Micros], int]


class ColumnIndexer:
    """Gives readings in columns the numbers of their devices and series.

    `add_signals` adds a combination of signals that is new at a device, first sent at an instant. Returns its number.
    """

    def __init__(self, devices: Devices, add_signals: AddSignals) -> None:
        self._devices = devices
        self._add_signals = add_signals

    def index(self, columns: Iterable[DeviceColumns]) -> IndexedReadings:
        """The readings of some devices, device by device."""
        found = [self._of(one) for one in columns]
        numbers = np.concatenate([numbers for numbers, _, _ in found] or [np.empty(0, np.intp)])
        at = np.concatenate([at for _, at, _ in found] or [np.empty(0, np.int64)])
        x = np.concatenate([x for _, _, x in found] or [np.empty(0)])
        sets = self._devices.signal_sets
        series = sets.series.take(numbers, axis=0)
        there = series >= 0
        seconds = at / SECOND
        return IndexedReadings(
            devices=sets.device[numbers], at=seconds, received_at=seconds, count=there.sum(axis=1),
            series=series[there], x=x, status_only=np.empty(0, dtype=np.intp),
            series_count=self._devices.series.size, received=at.tolist(),
        )  # fmt: skip

    def _of(self, columns: DeviceColumns) -> tuple[Ints, Ints, Floats]:
        """The number of the combination of signals of each reading, their instants, and all values in their order."""
        device = self._devices.by_name[columns.device]
        present = ~np.isnan(columns.values)
        # Each combination as the bytes of a row of bits.
        packed = np.packbits(present, axis=1)
        keys = packed.view([("", packed.dtype)] * packed.shape[1]).ravel()
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        numbers = np.empty(len(first), dtype=np.intp)
        for i in np.argsort(first).tolist():  # in the order in which they come, as new series get their numbers
            row = int(first[i])
            signals = tuple(name for name, there in zip(columns.signals, present[row].tolist(), strict=True) if there)
            number = device.signal_sets.get(signals)
            numbers[i] = self._add_signals(device, signals, int(columns.at[row])) if number is None else number
        return numbers[which], columns.at, columns.values[present]


def in_order(batches: Sequence[IndexedReadings]) -> IndexedReadings:
    """The readings of several batches as one, in the order of when they were received; equal times as they stand.

    >>> one = IndexedReadings(np.array([1, 1]), np.array([2.0, 4.0]), np.array([2.0, 4.0]), np.array([2, 1]),
    ...                       np.array([5, 6, 5]), np.array([80.0, 97.0, 81.0]), np.empty(0, np.intp), 8, [2, 4])
    >>> other = IndexedReadings(np.array([3]), np.array([3.0]), np.array([3.0]), np.array([1]), np.array([7]),
    ...                         np.array([99.0]), np.array([0]), 9, [3])
    >>> both = in_order([one, other])
    >>> both.devices.tolist(), both.series.tolist(), both.x.tolist(), both.status_only.tolist(), both.series_count
    ([1, 3, 1], [5, 6, 7, 5], [80.0, 97.0, 99.0, 81.0], [1], 9)
    """
    received_at = np.concatenate([batch.received_at for batch in batches])
    order = np.argsort(received_at, kind="stable")
    count = np.concatenate([batch.count for batch in batches])
    first = np.cumsum(count) - count
    counted = count[order]
    values = np.arange(counted.sum()) + np.repeat(first[order] - (np.cumsum(counted) - counted), counted)
    status = np.zeros(len(order), dtype=np.bool_)
    before = 0
    for batch in batches:
        status[before + batch.status_only] = True
        before += len(batch)
    received = [instant for batch in batches for instant in batch.received]
    return IndexedReadings(
        devices=np.concatenate([batch.devices for batch in batches])[order],
        at=np.concatenate([batch.at for batch in batches])[order], received_at=received_at[order], count=counted,
        series=np.concatenate([batch.series for batch in batches])[values],
        x=np.concatenate([batch.x for batch in batches])[values], status_only=np.flatnonzero(status[order]),
        series_count=max(batch.series_count for batch in batches), received=[received[i] for i in order.tolist()],
    )  # fmt: skip
