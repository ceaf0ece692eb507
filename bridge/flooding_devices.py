"""Devices that send more readings than they can have measured, by their own clock: a backlog is none, however fast."""

from ward.clock import SECOND, Clock, Micros
from ward.metrics import Metrics
from ward.periodic import Periodic

EVERY = 60.0  # seconds over which readings are counted
MOST = 20.0  # readings a second: a monitor measures one or two
MOST_REPORTED = 5
_MOST_COUNTED = 10_000  # devices


class _Count:
    """How many readings came, and the time that they are about: from the first to the last by the device's clock."""

    __slots__ = ("first", "last", "number")

    def __init__(self, at: Micros) -> None:
        self.number, self.first, self.last = 0, at, at


class FloodingDevices:
    """Counts the readings of each device, repeats included, and reports those with more than `MOST` a second."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._metrics = metrics
        self._period = Periodic(clock, EVERY, EVERY)
        self._counts: dict[str, _Count] = {}
        self._reported: list[str] = []

    def count(self, device: str, at: Micros) -> None:
        """A reading was received; `at` is its time by the device's clock, or when it came."""
        count = self._counts.get(device)
        if count is None:
            if len(self._counts) >= _MOST_COUNTED:
                return
            count = self._counts[device] = _Count(at)
        count.number += 1
        if at < count.first:
            count.first = at
        elif at > count.last:
            count.last = at

    def report(self) -> None:
        """At the end of each minute, set the metrics to what was counted."""
        if not self._period.due():
            return
        counts, self._counts = self._counts, {}
        rates = {
            device: count.number / max(EVERY, (count.last - count.first) / SECOND) for device, count in counts.items()
        }
        worst = sorted(((rate, device) for device, rate in rates.items() if rate > MOST), reverse=True)
        self.close()
        self._reported = [device for _, device in worst[:MOST_REPORTED]]
        for rate, device in worst[:MOST_REPORTED]:
            self._metrics.flooding_devices.labels(device).set(round(rate))

    def close(self) -> None:
        """What it has reported does not count in the metrics any more; that of another share does."""
        for device in self._reported:
            self._metrics.flooding_devices.remove(device)
        self._reported = []
