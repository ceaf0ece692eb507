"""The sequence numbers received of one boot of a device, in bounded memory and constant time for each number."""

from bisect import bisect_right
from itertools import pairwise

from ward.clock import SECOND, Micros

MAX_RANGES = 1024  # of one boot; with more gaps than that, the oldest count as lost at once


class Ranges:
    """Disjoint rising ranges [first, last] of integers, and how many integers lie between them."""

    def __init__(self) -> None:
        self._ranges: list[list[int]] = []
        self.missing = 0

    def __contains__(self, number: int) -> bool:
        i = self._index_after(number) - 1
        return i >= 0 and number <= self._ranges[i][1]

    def __len__(self) -> int:
        return len(self._ranges)

    @property
    def first(self) -> list[int]:
        """The lowest range."""
        return self._ranges[0]

    @property
    def last(self) -> list[int]:
        """The highest range."""
        return self._ranges[-1]

    def add(self, number: int) -> None:
        """Add a number that is not in it."""
        if not self._ranges:
            self._ranges.append([number, number])
        elif number == self.last[1] + 1:
            self.last[1] = number
        else:
            self._count(number)
            self._insert(number)

    def close_gaps(self, most: int) -> int:
        """Close the lowest gaps until there are at most `most` ranges. Returns how many numbers they had."""
        drop = len(self._ranges) - most
        if drop <= 0:
            return 0
        closed = sum(b[0] - a[1] - 1 for a, b in pairwise(self._ranges[: drop + 1]))
        self._ranges[: drop + 1] = [[self._ranges[0][0], self._ranges[drop][1]]]
        self.missing -= closed
        return closed

    def forget_lowest(self, most: int) -> None:
        """Forget the lowest ranges until there are at most `most`: their numbers count as never received."""
        while len(self._ranges) > most:
            forgotten = self._ranges.pop(0)
            self.missing -= self.first[0] - forgotten[1] - 1

    def _count(self, number: int) -> None:
        if number > self.last[1]:
            self.missing += number - self.last[1] - 1
        elif number < self.first[0]:
            self.missing += self.first[0] - number - 1
        else:
            self.missing -= 1

    def _insert(self, number: int) -> None:
        i = self._index_after(number)
        self._ranges.insert(i, [number, number])
        if i + 1 < len(self._ranges) and self._ranges[i + 1][0] == number + 1:
            self._ranges[i][1] = self._ranges.pop(i + 1)[1]
        if i > 0 and self._ranges[i - 1][1] == number - 1:
            self._ranges[i - 1][1] = self._ranges.pop(i)[1]

    def _index_after(self, number: int) -> int:
        return bisect_right(self._ranges, number, key=lambda r: r[0])


class BootProgress:
    """The sequence numbers of one boot, and since when some are missing.

    `first_received` is the first number that was ever received: numbers below it do not count as missing. A device with
    very many gaps costs no more memory or time than `MAX_RANGES` ranges: its oldest gaps count as lost before their
    time. Of the numbers below `first_received` the lowest are forgotten instead: a repeat of them is stored again,
    which changes nothing, and no reading is taken for a repeat that was never received.
    """

    def __init__(self, first: int) -> None:
        self.first_received = first
        self._older, self._ranges = Ranges(), Ranges()
        self._ranges.add(first)
        self._gap_since: Micros | None = None
        self._lost = 0

    def __contains__(self, seq: int) -> bool:
        return seq in (self._ranges if seq >= self.first_received else self._older)

    @property
    def newest(self) -> int:
        """The largest number received."""
        return self._ranges.last[1]

    def add(self, seq: int) -> None:
        """Add a number that was not received before."""
        if seq >= self.first_received:
            self._ranges.add(seq)
            if len(self._ranges) > MAX_RANGES:
                self._lost += self._ranges.close_gaps(MAX_RANGES)
        else:
            self._older.add(seq)
            self._older.forget_lowest(MAX_RANGES)

    def contiguous_up_to(self) -> int:
        """The number up to which none is missing, from `first_received` on."""
        return self._ranges.first[1]

    def missing(self) -> int:
        """How many numbers between `first_received` and the newest were not received and do not count as lost yet."""
        return self._ranges.missing

    def expire_gap(self, now: Micros, gap_timeout: float) -> int:
        """Count numbers missing for more than `gap_timeout` seconds as lost. Returns how many since the last call."""
        if self._ranges.missing == 0:
            self._gap_since = None
        elif self._gap_since is None:
            self._gap_since = now
        elif now - self._gap_since > gap_timeout * SECOND:
            self._lost += self._ranges.close_gaps(1)
            self._gap_since = None
        lost, self._lost = self._lost, 0
        return lost
