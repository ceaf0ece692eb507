"""How far the watermark may advance for devices that send nothing."""

from collections.abc import Mapping

from ward.clock import SECOND, Clock, Micros

# The watermark lags the clock by so many seconds: a reading on its way through bridge and log is evaluated in its own
# second.
DELAY = 2.0
# After a delay of this program the watermark may advance so many seconds faster than the steady clock.
SLACK = 1.0


class IdleWatermark:
    """Computes the watermark about once a second.

    Where the wall clock jumps ahead (NTP, a suspended machine), the watermark does not: devices had no chance to send
    in the seconds that were left out. It goes on from where it was, until readings show that the bridge's clock jumped
    as well.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watermark: Micros | None = None
        self._last = clock.monotonic()

    def due(self) -> bool:
        """Whether a second has passed since the last `advance`."""
        return self._watermark is None or self._clock.monotonic() - self._last >= 1

    def advance(self, newest: Mapping[int, Micros]) -> Micros:
        """The new watermark, where `newest` is when the bridge received the newest reading that was evaluated of each
        partition."""
        wall, passed = self._clock.now() - round(DELAY * SECOND), self._clock.monotonic() - self._last
        self._last += passed
        if self._watermark is not None:
            wall = min(wall, max(self._watermark + round((passed + SLACK) * SECOND), *newest.values(), 0))
        self._watermark = wall
        return wall
