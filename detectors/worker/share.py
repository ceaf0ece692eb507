"""How many of the readings that wait are evaluated in one step."""

from ward.clock import Clock

# Evaluating the share of a step takes about so many seconds: so long may a live reading wait for it.
AIM = 0.02
# After it, a step may wait for live readings for so large a part of this time, and other threads can run.
REST = 0.25
# The share of one device: the least, which is also the first, and the most.
LEAST, MOST = 8, 4000


class Share:
    """Adapts the share of a device to the time that the one before took. Findings do not depend on it.

    >>> from ward.clock import ManualClock
    >>> clock = ManualClock()
    >>> share = Share(clock)
    >>> for seconds in (0.001, 0.004, 0.1):
    ...     share.begin()
    ...     clock.advance(seconds)
    ...     share.end(longest=share.of(devices=1, limit=4000))
    ...     print(share.of(devices=1, limit=4000))
    16
    32
    16
    >>> share.of(devices=1000, limit=4000)
    4
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._size = LEAST
        self._began = self._took = 0.0

    def of(self, devices: int, limit: int) -> int:
        """The share of each of so many devices: together about `limit` readings at most."""
        return max(1, min(self._size, limit // devices))

    def pause(self, wait: float) -> float:
        """For how long a step may wait for live readings, where it may wait `wait` seconds when nothing else is to
        do."""
        return min(wait, REST * self._took)

    def begin(self) -> None:
        """A share is evaluated from now on."""
        self._began = self._clock.monotonic()

    def end(self, longest: int) -> None:
        """It is evaluated. `longest` is how many readings of one device it had; where these were fewer than they could
        be, it does not show that there is time for more."""
        self._took = self._clock.monotonic() - self._began
        if self._took > AIM * 1.5:
            self._size = max(self._size // 2, LEAST)
        elif self._took < AIM / 2 and longest >= self._size:
            self._size = min(2 * self._size, MOST)
