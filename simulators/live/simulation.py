"""All simulated devices of a ward on one thread."""

import threading
from collections.abc import Sequence

from simulators.live.source import Source
from ward.clock import SECOND, Clock, Micros

CLOCK_STEP = 1.0  # seconds of difference between wall clock and monotonic clock from which the wall clock counts as set


class Simulation:
    """A part: runs its sources, and sleeps until exactly when the next device is due.

    A reading carries the time at which it was due, not the time at which the machine computed it:
    the load of the machine changes no byte. When the machine's clock is set, the devices' clocks
    follow it.
    """

    def __init__(self, sources: Sequence[Source], clock: Clock) -> None:
        self._sources = list(sources)
        self._clock = clock
        self._started = clock.monotonic()
        self._wall = clock.now()
        self._shift: Micros = 0
        self._end = threading.Event()
        self._draining = threading.Event()

    def step(self, wait: float) -> int:
        """Do what is due; when nothing is, wait at most `wait` seconds for it. Returns how much was done."""
        if self._draining.is_set():
            self._end.wait(min(wait, 0.05))
            return sum(source.exchange() for source in self._sources)
        now = self._clock.monotonic() - self._started
        self._follow_wall_clock(now)
        done = sum(source.run(now, self._shift) for source in self._sources)
        if not done and wait > 0:
            due = min((source.due for source in self._sources), default=float("inf"))
            self._end.wait(max(0.0, min(wait, due - now)))
        return done

    def stop_measuring(self) -> None:
        """Stop measuring, but send what the buffers hold, so that counts can be compared. Any thread may call it."""
        self._draining.set()

    def close(self) -> None:
        """Disconnect all devices cleanly. May be called from another thread to end a wait at once."""
        self._end.set()
        for source in self._sources:
            source.close()

    def _follow_wall_clock(self, now: float) -> None:
        shift = self._clock.now() - self._wall - round(now * SECOND)
        if abs(shift - self._shift) > CLOCK_STEP * SECOND:
            self._shift = shift
