"""Work that is done again and again at a fixed interval."""

from ward.clock import Clock


class Periodic:
    """Is due every `every` seconds of the clock's monotonic time, for the first time after `first` seconds.

    The interval is counted from when the work was taken up, not from when it should have been: intervals that were
    missed are not made up for.
    """

    def __init__(self, clock: Clock, every: float, first: float = 0.0) -> None:
        self._clock = clock
        self._every = every
        self._next = clock.monotonic() + first

    def due(self) -> bool:
        """Whether it is time. If so, the next interval begins now."""
        now = self._clock.monotonic()
        if now < self._next:
            return False
        self._next = now + self._every
        return True

    def wait(self, longest: float) -> bool:
        """Like `due`; when it is not time yet, waits until it is, at most `longest` seconds, and returns False."""
        left = self.seconds_left()
        if left > 0:
            self._clock.wait(min(longest, left))
            return False
        return self.due()

    def seconds_left(self) -> float:
        """Seconds until it is due; 0 when it is due now."""
        return max(0.0, self._next - self._clock.monotonic())

    def restart(self, seconds: float | None = None) -> None:
        """Be due next in `seconds` from now, by default in `every`."""
        self._next = self._clock.monotonic() + (self._every if seconds is None else seconds)
