"""The current time, by the wall clock and by the monotonic clock."""

from typing import NamedTuple

from ward.clock import SECOND, Clock, Micros


class Now(NamedTuple):
    """One instant: `wall` in microseconds since 1970, `monotonic` in seconds.

    An age is the larger of the two differences, so that a wall clock that is set back makes nothing look new.
    """

    wall: Micros
    monotonic: float

    @classmethod
    def of(cls, clock: Clock) -> "Now":
        return cls(clock.now(), clock.monotonic())

    def age(self, at: Micros, received: float) -> float:
        """Seconds, at least 0, since the instant `at`, which reached this process at `received` (monotonic)."""
        return max(0.0, (self.wall - at) / SECOND, self.monotonic - received)
