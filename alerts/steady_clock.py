"""Time for waiting: it goes on as the monotonic clock does, whatever happens to the wall clock."""

import msgspec

from ward.clock import SECOND, Clock, Micros

DAY = 86400 * SECOND


class Mark(msgspec.Struct, frozen=True):
    """Steady, wall and monotonic time at one instant, kept so that steady time goes on after a restart."""

    steady: Micros
    wall: Micros
    monotonic: float


class SteadyClock:
    """Instants that only waits are measured with.

    They start as the wall clock's, and from then on move by the monotonic clock alone: a wall clock
    that is set forward or back makes nothing early, late or twice. Over a restart the shorter of
    what both clocks say has passed is believed: the wall clock may have been set, and the monotonic
    one may be another machine's. One that has gone back (it begins anew at a boot) is not asked.
    """

    def __init__(self, clock: Clock, mark: Mark | None) -> None:
        self._clock = clock
        self._monotonic = clock.monotonic()
        self._begin = clock.now() if mark is None else mark.steady + _passed(mark, clock.now(), self._monotonic)

    def now(self) -> Micros:
        return self._begin + round((self._clock.monotonic() - self._monotonic) * SECOND)

    def mark(self, wall: Micros) -> Mark:
        """This instant, for the next start."""
        return Mark(self.now(), wall, self._clock.monotonic())


def _passed(mark: Mark, wall: Micros, monotonic: float) -> Micros:
    by_wall = wall - mark.wall
    by_monotonic = round((monotonic - mark.monotonic) * SECOND)
    if by_monotonic < 0:
        return max(0, by_wall)
    if by_wall < 0:
        return by_monotonic if by_monotonic < DAY else 0
    return min(by_wall, by_monotonic)
