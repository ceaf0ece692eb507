"""When each device of a source is due."""

from collections import deque
from collections.abc import Callable

from simulators.devices.bedside_monitors import InstantArray
from ward.clock import SECOND, Micros

PATIENCE = 30.0


class Schedule:
    """Hands out (step, device) when each is due, a step computed when it begins and not before.

    After a standstill of more than half a minute (a laptop that slept) the steps in between are
    computed and passed over: nobody measured anything then.
    """

    def __init__(self, period: float, start: Micros, compute: Callable[[int], InstantArray]) -> None:
        self._period = period
        self._start = start
        self._compute = compute
        self._step = 0
        self._waiting: deque[tuple[float, int]] = deque()
        self.passed_over = 0

    @property
    def due(self) -> float:
        """When something is to be done next."""
        return self._waiting[0][0] if self._waiting else self._step * self._period

    def take(self, now: float) -> list[int]:
        """The devices of the present step that are due, in order. Call it until it gives none."""
        if not self._waiting and self._step * self._period <= now:
            self._begin(now)
        taken: list[int] = []
        while self._waiting and self._waiting[0][0] <= now:
            taken.append(self._waiting.popleft()[1])
        return taken

    def _begin(self, now: float) -> None:
        behind = int((now - self._step * self._period) / self._period)
        if behind * self._period > PATIENCE:
            self.passed_over += behind
            self._compute(behind)
            self._step += behind
        at = (self._compute(1)[0] - self._start) / SECOND
        self._step += 1
        self._waiting.extend((float(at[i]), int(i)) for i in at.argsort(kind="stable"))
