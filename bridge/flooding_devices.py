"""Devices that send more readings than they can have measured: a backlog is none, however fast."""

from ward.clock import SECOND, Clock, Micros
from ward.metrics import Metrics
from ward.periodic import Periodic

EVERY = 60.0  # seconds over which readings are counted
MOST = 20.0  # readings a second: a monitor measures one or two
UNTIMED_IN_A_ROW = 3  # times that a device is above it, before readings that have no time are a flood
MOST_REPORTED = 5
_MOST_COUNTED = 10_000  # devices

_Key = tuple[str, bool]  # a device, and whether it is its readings with a time, or the others


class _Count:
    """How many readings came, and the time that they are about, from the first to the last."""

    __slots__ = ("first", "last", "number")

    def __init__(self, at: Micros) -> None:
        self.number, self.first, self.last = 0, at, at

    @property
    def rate(self) -> float:
        """Readings a second."""
        return self.number / max(EVERY, (self.last - self.first) / SECOND)


class FloodingDevices:
    """Counts the readings of each device, repeats included, and reports those with more than `MOST` a second.

    Readings with a time are counted by the device's clock. The others are counted by when they came: then what a broker
    kept while no bridge was there looks like a flood, until all of it is delivered.
    """

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._period = Periodic(clock, EVERY, EVERY)
        self._counts: dict[_Key, _Count] = {}
        self._in_a_row: dict[_Key, int] = {}
        self._reported: list[str] = []

    def count(self, device: str, at: Micros | None) -> None:
        """A reading was received; `at` is its time by the device's clock. None: it has none, or was refused."""
        key, at = (device, at is not None), self._clock.now() if at is None else at
        count = self._counts.get(key)
        if count is None:
            if len(self._counts) >= _MOST_COUNTED:
                return
            count = self._counts[key] = _Count(at)
        count.number += 1
        if at < count.first:
            count.first = at
        elif at > count.last:
            count.last = at

    def report(self) -> None:
        """At the end of each minute, set the metrics to what was counted."""
        if not self._period.due():
            return
        rates = {key: count.rate for key, count in self._counts.items()}
        self._counts = {}
        self._in_a_row = {key: self._in_a_row.get(key, 0) + 1 for key, rate in rates.items() if rate > MOST}
        found: dict[str, float] = {}
        for (device, timed), times in self._in_a_row.items():
            if timed or times >= UNTIMED_IN_A_ROW:
                found[device] = max(rates[device, timed], found.get(device, 0.0))
        before = self._reported  # these are first: one that is left out would count as one that has stopped
        self.close()
        order = sorted(found, key=lambda device: (device in before, found[device], device), reverse=True)
        self._reported = order[:MOST_REPORTED]
        for device in self._reported:
            self._metrics.flooding_devices.labels(device).set(round(found[device]))

    def close(self) -> None:
        """What it has reported does not count in the metrics any more; that of another share does."""
        for device in self._reported:
            self._metrics.flooding_devices.remove(device)
        self._reported = []
