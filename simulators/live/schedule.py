"""When each device of a source is due."""

from collections import deque
from collections.abc import Callable

from simulators.devices.bedside_monitors import InstantArray
from ward.clock import SECOND, Micros

LONGEST_CATCH_UP = 30.0  # seconds; steps of a longer suspension are skipped


class Schedule:
    """Returns the devices that are due. A step is computed when it begins and not before.

    After the simulation was suspended for more than 30 s (a laptop that slept), the steps in between are
    computed and skipped: no device measured anything then.
    """

    def __init__(self, period: float, start: Micros, compute: Callable[[int], InstantArray]) -> None:
        self._period = period
        self._start = start
        self._compute = compute
        self._step = 0
        self._waiting: deque[tuple[float, int]] = deque()
        self.skipped = 0

    @property
    def due(self) -> float:
        """Seconds since the start at which the next device is due."""
        return self._waiting[0][0] if self._waiting else self._step * self._period

    def take(self, now: float) -> list[int]:
        """The devices of the current step that are due at `now`, in order. To be called until it returns none."""
        if not self._waiting and self._step * self._period <= now:
            self._begin(now)
        due: list[int] = []
        while self._waiting and self._waiting[0][0] <= now:
            due.append(self._waiting.popleft()[1])
        return due

    def _begin(self, now: float) -> None:
        behind = int((now - self._step * self._period) / self._period)
        if behind * self._period > LONGEST_CATCH_UP:
            self.skipped += behind
            self._compute(behind)
            self._step += behind
        at = (self._compute(1)[0] - self._start) / SECOND
        self._step += 1
        self._waiting.extend((float(at[i]), int(i)) for i in at.argsort(kind="stable"))
