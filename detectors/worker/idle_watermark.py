"""How fast time passes for devices that say nothing."""

from collections.abc import Mapping

from ward.clock import SECOND, Clock, Micros

# Time that no reading drives runs this many seconds behind the clock, so that a reading which is on
# its way through the bridge and the log is judged in the second it belongs to.
BEHIND = 2.0
# How much faster than the clock's own ticks it may run to make up for a delay of ours.
SLACK = 1.0


class IdleWatermark:
    """Says, about once a second, up to when time may pass.

    A wall clock that jumps ahead (NTP, a suspended machine) takes nobody with it: devices could not speak in a time
    that never was. Then it goes on from where it was, until readings show that the bridge's clock went too.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._to: Micros | None = None
        self._asked = clock.monotonic()

    def due(self) -> bool:
        """Whether a second has passed since the last time."""
        return self._to is None or self._clock.monotonic() - self._asked >= 1

    def until(self, newest: Mapping[int, Micros]) -> Micros:
        """The instant, where `newest` is what has been judged of each partition."""
        wall, passed = self._clock.now() - round(BEHIND * SECOND), self._clock.monotonic() - self._asked
        self._asked += passed
        if self._to is not None:
            wall = min(wall, max(self._to + round((passed + SLACK) * SECOND), *newest.values(), 0))
        self._to = wall
        return wall
