"""How fast one connection is read: what a ward measures always passes, more than that while the bridge keeps up."""

# Messages a second of each topic that pass whatever waits: a device in normal operation sends fewer.
ALWAYS = 5.0
# The same at most: a device that measures once a second is read 1,000 times as fast as it measured.
MOST = 1_000.0
# Topics of a connection that count: a gateway sends for many devices, and a device may invent names.
MOST_TOPICS = 200
_BURST = 4.0  # seconds of `ALWAYS` that a connection may save up
_MOST_BURST = 0.1  # the same for `MOST`


class Allowance:
    """Of one connection: two token buckets, filled in proportion to the number of its topics.

    A bucket may become negative: what was read is passed on, and the time until the next piece is longer.
    """

    def __init__(self, now: float) -> None:
        self._topics: set[bytes] = set()
        self._always = ALWAYS * _BURST
        self._most = MOST * _MOST_BURST
        self._at = now

    @property
    def topics(self) -> int:
        """On how many topics the connection has published, as far as they count."""
        return len(self._topics)

    def open(self, now: float, *, room: bool) -> bool:
        """Whether the connection may be read now; `room` is whether the bridge keeps up."""
        seconds, self._at = now - self._at, now
        topics = max(1, self.topics)
        self._always = min(self._always + seconds * ALWAYS * topics, ALWAYS * topics * _BURST)
        self._most = min(self._most + seconds * MOST * topics, MOST * topics * _MOST_BURST)
        return self._most > 0 and (room or self._always > 0)

    def use(self, topic: bytes, units: int) -> None:
        """A message was read."""
        if len(self._topics) < MOST_TOPICS:
            self._topics.add(topic)
        # A long backlog does not delay what is measured after it.
        self._always = max(self._always - units, -ALWAYS * _BURST * len(self._topics))
        self._most -= units
