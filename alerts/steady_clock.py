"""Time for intervals: it follows the monotonic clock, whatever is done to the wall clock."""

import msgspec

from ward.clock import SECOND, Clock, Micros

DAY = 86400 * SECOND


class ClockAnchor(msgspec.Struct, frozen=True):
    """Steady, wall and monotonic time of one instant, stored so that steady time goes on after a restart."""

    steady: Micros
    wall: Micros
    monotonic: float


class SteadyClock:
    """Steady time, in microseconds: only differences of it have a meaning.

    It starts at the wall clock's time and then follows the monotonic clock alone, so a wall clock that is set forward
    or back changes no interval. Across a restart the shorter of the two elapsed times counts: the wall
    clock may have been set, and the monotonic clock may be another machine's. A monotonic clock that has gone back
    (it starts anew at a boot) is ignored.
    """

    def __init__(self, clock: Clock, anchor: ClockAnchor | None) -> None:
        self._clock = clock
        self._monotonic = clock.monotonic()
        self._start = clock.now() if anchor is None else anchor.steady + _elapsed(anchor, clock.now(), self._monotonic)

    def now(self) -> Micros:
        """Steady time now."""
        return self._start + round((self._clock.monotonic() - self._monotonic) * SECOND)

    def anchor(self, wall: Micros) -> ClockAnchor:
        """This instant, for the next start."""
        return ClockAnchor(self.now(), wall, self._clock.monotonic())


def _elapsed(anchor: ClockAnchor, wall: Micros, monotonic: float) -> Micros:
    by_wall = wall - anchor.wall
    by_monotonic = round((monotonic - anchor.monotonic) * SECOND)
    if by_monotonic < 0:
        return max(0, by_wall)
    if by_wall < 0:
        return by_monotonic if by_monotonic < DAY else 0
    return min(by_wall, by_monotonic)
