"""Columns by number: devices and series are given numbers from 0 up, and these index arrays."""

from typing import ClassVar

import numpy as np

from detectors.base.columns import Floats, Ints


class NumberColumns:
    """Gives out numbers, with a float in each column of `starts` for each of them. Freed numbers are used again."""

    starts: ClassVar[dict[str, float]]

    def __init__(self) -> None:
        self.size = 0
        self._free: list[int] = []
        for name, start in self.starts.items():
            setattr(self, name, np.full(256, start))

    def new(self) -> int:
        """A number that is not in use, with the start values in its columns."""
        if self._free:
            return self._free.pop()
        number, self.size = self.size, self.size + 1
        if number >= len(getattr(self, next(iter(self.starts)))):
            for name, start in self.starts.items():
                array = getattr(self, name)
                setattr(self, name, np.concatenate((array, np.full(len(array), start))))
        return number

    def free(self, number: int) -> None:
        """Give a number back."""
        for name, start in self.starts.items():
            getattr(self, name)[number] = start
        self._free.append(number)


class DeviceColumns(NumberColumns):
    """By the number of a device; times are in seconds since the epoch by the bridge's clock.

    `last_seen` is when the bridge received its newest reading; for a device without any, from when on it counts as
    missing. `first_seen` is when the bridge received its first one, `count` how many there were. `tick_watermark` is
    the time of its last tick, `next_tick` when the next one is due, and `place_until` when its bed or patient may
    change. `partition` is its partition of the log. The others are 0 or 1: `tick_after_reading` whether the next
    reading needs a tick, because it may end what only a tick evaluates; `unregistered` whether it is not in the
    inventory; and `open` whether it may have an open episode.
    """

    starts: ClassVar[dict[str, float]] = {
        "last_seen": -np.inf, "first_seen": np.inf, "count": 0.0, "next_tick": np.inf, "tick_watermark": -np.inf,
        "place_until": np.inf, "partition": 0.0, "tick_after_reading": 0.0, "unregistered": 1.0, "open": 0.0,
    }  # fmt: skip
    last_seen: Floats
    first_seen: Floats
    count: Floats
    next_tick: Floats
    tick_watermark: Floats
    place_until: Floats
    partition: Floats
    tick_after_reading: Floats
    unregistered: Floats
    open: Floats

    def watermark(self, numbers: Ints) -> Floats:
        """The second up to which each device has been evaluated: its ticks, or its newest reading."""
        return np.maximum(self.tick_watermark[numbers], np.floor(self.last_seen[numbers]))


class SeriesColumns(NumberColumns):
    """By the number of a series: `newest`, the time of the newest value that was evaluated, by the device's clock (-inf
    for none); `last_seen`, `first_seen` and `count` as for a device; and `forwarded`, 1 where its values are forwarded
    to the bed where its device is."""

    starts: ClassVar[dict[str, float]] = {
        "newest": -np.inf, "last_seen": -np.inf, "first_seen": np.inf, "count": 0.0, "forwarded": 0.0,
    }  # fmt: skip
    newest: Floats
    last_seen: Floats
    first_seen: Floats
    count: Floats
    forwarded: Floats
