"""A block: many readings of one device in their order, with the values of each series along time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats, Ints


@dataclass(frozen=True, slots=True)
class SeriesValues:
    """The values of one series in a block: its number, the values, and the index of the reading of each."""

    series: int
    x: Floats
    steps: Ints

    def only(self, chosen: npt.NDArray[np.bool_]) -> "SeriesValues":
        """Some of the values."""
        return self if chosen.all() else SeriesValues(self.series, self.x[chosen], self.steps[chosen])


@dataclass(frozen=True, slots=True)
class Block:
    """Readings of one device, as arrays by reading: `at` and `received_at` in seconds since the epoch, `origin` its
    index in the batch, `status_only` whether the broker sent it for the device. Series numbers are below
    `series_count`."""

    device: int
    at: Floats
    received_at: Floats
    origin: Ints
    status_only: npt.NDArray[np.bool_]
    series: list[SeriesValues]
    series_count: int

    def __len__(self) -> int:
        return len(self.origin)

    def part(self, start: int, stop: int) -> "Block":
        """The readings from index `start` up to but not including `stop`."""
        chosen, series = slice(start, stop), []
        for values in self.series:
            a, b = np.searchsorted(values.steps, (start, stop)).tolist()
            if b > a:
                series.append(SeriesValues(values.series, values.x[a:b], values.steps[a:b] - start))
        return Block(
            self.device, self.at[chosen], self.received_at[chosen], self.origin[chosen], self.status_only[chosen],
            series, self.series_count,
        )  # fmt: skip
