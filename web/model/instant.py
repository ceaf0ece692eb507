"""Now, by both clocks."""

from typing import NamedTuple

from ward.clock import SECOND, Clock, Micros


class Instant(NamedTuple):
    """An instant as people call it, and by a clock that nobody can set.

    Ages go by whichever makes them greater: a clock set back may not make what is old look new.
    """

    at: Micros
    steady: float

    @classmethod
    def of(cls, clock: Clock) -> "Instant":
        return cls(clock.now(), clock.monotonic())

    def since(self, at: Micros, came: float) -> float:
        """Seconds since something of the instant `at`, which came to us at `came`; never negative."""
        return max(0.0, (self.at - at) / SECOND, self.steady - came)
