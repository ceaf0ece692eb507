"""The sequence numbers received of one boot of a device."""

from bisect import bisect_right
from itertools import pairwise

from ward.clock import SECOND, Micros


class BootProgress:
    """The sequence numbers of one boot as disjoint rising ranges [first, last], and since when some are missing.

    `first_received` is the first number that was ever received: numbers below it do not count as missing.
    """

    def __init__(self, first: int) -> None:
        self.first_received = first
        self._ranges: list[list[int]] = [[first, first]]
        self._gap_since: Micros | None = None

    def __contains__(self, seq: int) -> bool:
        i = bisect_right(self._ranges, seq, key=lambda r: r[0]) - 1
        return i >= 0 and seq <= self._ranges[i][1]

    @property
    def newest(self) -> int:
        """The largest number received."""
        return self._ranges[-1][1]

    def add(self, seq: int) -> None:
        """Add a number that was not received before."""
        if seq == self._ranges[-1][1] + 1:
            self._ranges[-1][1] = seq
            return
        i = bisect_right(self._ranges, seq, key=lambda r: r[0])
        self._ranges.insert(i, [seq, seq])
        if i + 1 < len(self._ranges) and self._ranges[i + 1][0] == seq + 1:
            self._ranges[i][1] = self._ranges.pop(i + 1)[1]
        if i > 0 and self._ranges[i - 1][1] == seq - 1:
            self._ranges[i - 1][1] = self._ranges.pop(i)[1]

    def contiguous_up_to(self) -> int:
        """The number up to which none is missing, from `first_received` on."""
        return next(last for _, last in self._ranges if last >= self.first_received)

    def missing(self) -> int:
        """How many numbers between `first_received` and the newest were not received."""
        if len(self._ranges) == 1:
            return 0
        above = [r for r in self._ranges if r[1] >= self.first_received]
        return sum(b[0] - a[1] - 1 for a, b in pairwise(above))

    def expire_gap(self, now: Micros, gap_timeout: float) -> int:
        """Count numbers missing for more than `gap_timeout` seconds as lost. Returns how many they are."""
        if self.missing() == 0:
            self._gap_since = None
        elif self._gap_since is None:
            self._gap_since = now
        elif now - self._gap_since > gap_timeout * SECOND:
            return self._expire()
        return 0

    def _expire(self) -> int:
        lost = self.missing()
        low = next(i for i, r in enumerate(self._ranges) if r[1] >= self.first_received)
        self._ranges[low:] = [[self._ranges[low][0], self.newest]]
        self._gap_since = None
        return lost
