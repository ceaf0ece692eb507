"""The load of a ward: evenly spaced readings, and alarms among them."""

import time

from benchmarks.messages import payload, publish, values
from benchmarks.publisher import Publisher
from benchmarks.ward_config import WARD, names
from ward.clock import SystemClock

_TICK = 0.005
_MOST_AT_ONCE = 256  # a broker that reads slowly does not hold up the end
_ALARM = 150.0  # a heart rate far above every limit of ours


class PacedLoad:
    """`devices` devices from the number `first` on, each with `rate` readings a second.

    `sent` counts the readings. `alarms` is the time of each alarm just before it was sent, by device, in nanoseconds of
    the monotonic clock.
    """

    def __init__(self, port: int, devices: int, rate: float, root: str = "ward", first: int = 0) -> None:
        self._publisher = Publisher(port, f"bench-publisher-{first}")
        self._clock = SystemClock()
        self._topics = [f"{root}/{WARD}/{name}/readings" for name in names(first + devices)[first:]]
        self._pace = devices * rate
        self._rounds = values(devices)
        self._began = time.monotonic()
        self._planned = 0
        self.sent = 0
        self.alarms: dict[int, int] = {}

    def run(self, seconds: float, alarms: int = 0) -> None:
        """Publish for some seconds, with evenly spaced alarms, each of a device that has had none."""
        begin, before = time.monotonic(), len(self.alarms)
        while (now := time.monotonic()) < begin + seconds:
            self._planned = before + int((now - begin) / seconds * alarms) + 1 if alarms else 0
            due = int((now - self._began) * self._pace) - self.sent
            self._publisher.send([self._next() for _ in range(min(due, _MOST_AT_ONCE))])
            time.sleep(_TICK)

    def close(self, *, settle: bool = True) -> None:
        """Close the connection, when the broker has confirmed all or without waiting for it."""
        if settle:
            self._publisher.settle(self.sent)
        self._publisher.close()

    def _next(self) -> bytes:
        turn, device = divmod(self.sent, len(self._topics))
        if device == 0:
            self._row = next(self._rounds)
        row = self._row[device]
        if len(self.alarms) < self._planned and device not in self.alarms:
            row = {**row, "heart_rate": _ALARM}
            self.alarms[device] = time.monotonic_ns()
        self.sent += 1
        return publish(self._topics[device], self.sent, payload("k3f9", turn, self._clock.now(), row))
