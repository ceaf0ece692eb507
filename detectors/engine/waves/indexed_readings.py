"""A batch of readings as arrays, with the numbers of devices and series in place of their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detectors.base.columns import Floats, Ints
from ward.clock import Micros


@dataclass(frozen=True)
class IndexedReadings:
    """Readings in the order in which they came.

    By reading: `devices` is the number of its device, `at` its time by the device's clock and `received_at` when the
    bridge took it, both in seconds since the epoch, `received` the latter as it came, `count` the number of its values.
    By value, in the order of the
    readings: `series` is the number of its series, `x` the value. `status_only` are the indices of readings that the
    broker sent for a device. Series numbers are below `series_count`.
    """

    devices: Ints
    at: Floats
    received_at: Floats
    count: Ints
    series: Ints
    x: Floats
    status_only: Ints
    series_count: int
    received: Sequence[Micros] = ()

    def __len__(self) -> int:
        return len(self.devices)

    @cached_property
    def first(self) -> Ints:
        """For each reading, the index of its first value."""
        return np.cumsum(self.count) - self.count

    @cached_property
    def by_device(self) -> Ints:
        """The indices of the readings device by device, those of each in their order."""
        return np.argsort(self.devices, kind="stable")

    @cached_property
    def runs(self) -> Ints:
        """Where the readings of each device begin in `by_device`, and after the last one where they end."""
        ordered = self.devices[self.by_device]
        return np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, [len(ordered)]))

    def run(self, i: int) -> Ints:
        """The indices of the readings of the i-th device in `by_device`."""
        return self.by_device[self.runs[i] : self.runs[i + 1]]
