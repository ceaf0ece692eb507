"""How often something may be asked for in a minute."""

from collections import deque

from ward.clock import Clock

_MINUTE = 60.0
MOST_KEYS = 1000


class RateLimit:
    """At most `most` requests a minute for each key; of many keys the one that asked longest ago is forgotten."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._asked: dict[str, deque[float]] = {}

    def allows(self, key: str) -> bool:
        """Whether one more request may be answered now; it counts only then."""
        now = self._clock.monotonic()
        asked = self._asked.pop(key, None) or deque()
        while asked and now - asked[0] >= _MINUTE:
            asked.popleft()
        allowed = len(asked) < self._most
        if allowed:
            asked.append(now)
        self._asked[key] = asked
        while len(self._asked) > MOST_KEYS:
            del self._asked[next(iter(self._asked))]
        return allowed
