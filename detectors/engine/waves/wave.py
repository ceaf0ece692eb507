"""A wave: at most one value of each series."""

from dataclasses import dataclass, replace

from detectors.base.columns import Floats, Ints, Slots


@dataclass(frozen=True, slots=True)
class Wave:
    """At most one reading of each device, as arrays.

    By value: `series` is the number of its series, `x` the value, `t` its time by the device's clock in seconds since
    the epoch, and `reading` the index of its reading in the arrays by reading, or all of them where each has one value.
    By reading: `devices` is the number of its device, `received_at` when the bridge received it in seconds since the
    epoch, `origin` its index in the batch. `status_only` are the indices of readings that the broker sent for a device,
    so that the device itself need not be connected. `device_slice` and `series_slice` are `devices` and `series`, as
    slices where the numbers are consecutive. Series numbers are below `series_count`.
    """

    series: Ints
    x: Floats
    t: Floats
    reading: Slots
    devices: Ints
    received_at: Floats
    origin: Ints
    device_slice: Slots
    series_slice: Slots
    series_count: int
    status_only: Ints | None = None

    def only(self, values: Ints) -> "Wave":
        """The wave with some of its values."""
        reading = values if isinstance(self.reading, slice) else self.reading[values]
        series = self.series[values]
        return replace(self, series=series, series_slice=series, x=self.x[values], t=self.t[values], reading=reading)
