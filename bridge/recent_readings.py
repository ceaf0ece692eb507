"""Readings without numbers that were received last: what a broker delivers again is recognised by them."""

from collections import deque
from collections.abc import Mapping

from ward.clock import Micros

# More than the messages that a broker may have sent to the bridge without an acknowledgement.
REMEMBERED = 10_000


class RecentReadings:
    """The last readings of all devices that have a time and no number, by device, time and values."""

    def __init__(self) -> None:
        self._keys: deque[int] = deque()
        self._counts: dict[int, int] = {}

    def add(self, device: str, at: Micros, values: Mapping[str, float]) -> None:
        """Remember a reading; `at` is the time that its device sent."""
        key = _key(device, at, values)
        self._keys.append(key)
        self._counts[key] = self._counts.get(key, 0) + 1
        if len(self._keys) > REMEMBERED:
            oldest = self._keys.popleft()
            self._counts[oldest] -= 1
            if not self._counts[oldest]:
                del self._counts[oldest]

    def known(self, device: str, at: Micros, values: Mapping[str, float]) -> bool:
        """Whether there is an equal reading."""
        return _key(device, at, values) in self._counts


def _key(device: str, at: Micros, values: Mapping[str, float]) -> int:
    return hash((device, at, frozenset(values.items())))
