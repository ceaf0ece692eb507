"""Time for waiting: it goes on as the monotonic clock does, whatever happens to the wall clock."""

import msgspec

from ward.clock import SECOND, Clock, Micros


class Mark(msgspec.Struct, frozen=True):
    """Steady time and wall time at one instant, kept so that steady time goes on after a restart."""

    steady: Micros
    wall: Micros


class Steady:
    """Instants that only waits are measured with.

    They start as the wall clock's, and from then on move by the monotonic clock alone: a wall clock
    that is set forward or back makes nothing early, late or twice. Over a restart the wall clock is
    believed about how long it took, but never that it took less than nothing.
    """

    def __init__(self, clock: Clock, mark: Mark | None) -> None:
        self._clock = clock
        self._monotonic = clock.monotonic()
        wall = clock.now()
        self._begin = wall if mark is None else mark.steady + max(0, wall - mark.wall)

    def now(self) -> Micros:
        return self._begin + round((self._clock.monotonic() - self._monotonic) * SECOND)
