"""Notices that the wall clock was set: it has moved otherwise than the monotonic clock."""

from ward.clock import SECOND, Clock, Micros

SMALLEST = 2.0  # seconds; NTP corrects smaller differences gradually
REPORTED_FOR = 600.0  # seconds


class ClockSteps:
    """Compares both clocks at each call of `last`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._difference = self._measure()
        self._step = 0.0
        self._until = float("-inf")

    def last(self) -> float:
        """By how many seconds the clock was set in the last ten minutes, negative for back; 0 where it was not."""
        difference, now = self._measure(), self._clock.monotonic()
        moved = (difference - self._difference) / SECOND
        self._difference = difference
        if abs(moved) >= SMALLEST:
            self._step, self._until = moved, now + REPORTED_FOR
        return self._step if now < self._until else 0.0

    def _measure(self) -> Micros:
        return self._clock.now() - round(self._clock.monotonic() * SECOND)
