"""A batch of readings as arrays, with the numbers of devices and series in place of their names."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detectors.base.columns import Floats, Ints


@dataclass(frozen=True)
class IndexedReadings:
    """Readings in the order in which they came.

    By reading: `devices` is the number of its device, `at` its time by the device's clock and `received_at` when the
    bridge took it, both in seconds since the epoch, `count` the number of its values. By value, in the order of the
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

    def __len__(self) -> int:
        return len(self.devices)

    @cached_property
    def first(self) -> Ints:
        """For each reading, the index of its first value."""
        return np.cumsum(self.count) - self.count
