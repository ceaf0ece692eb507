"""Which readings of a device are here already: by boot and sequence number, with patience for gaps."""

from bisect import bisect_right
from collections import OrderedDict
from itertools import pairwise

from ward.clock import SECOND, Micros

MOST_BOOTS = 4


class BootProgress:
    """The sequence numbers of one boot, as disjoint rising ranges [first, last]."""

    def __init__(self, first: int) -> None:
        self.floor = first
        self._ranges: list[list[int]] = [[first, first]]
        self.gap_since: Micros | None = None

    def __contains__(self, seq: int) -> bool:
        i = bisect_right(self._ranges, seq, key=lambda r: r[0]) - 1
        return i >= 0 and seq <= self._ranges[i][1]

    @property
    def newest(self) -> int:
        return self._ranges[-1][1]

    def add(self, seq: int) -> None:
        """Take a number that is not here yet."""
        if seq == self._ranges[-1][1] + 1:
            self._ranges[-1][1] = seq
            return
        i = bisect_right(self._ranges, seq, key=lambda r: r[0])
        self._ranges.insert(i, [seq, seq])
        if i + 1 < len(self._ranges) and self._ranges[i + 1][0] == seq + 1:
            self._ranges[i][1] = self._ranges.pop(i + 1)[1]
        if i > 0 and self._ranges[i - 1][1] == seq - 1:
            self._ranges[i - 1][1] = self._ranges.pop(i)[1]

    def complete(self) -> int:
        """The number up to which nothing is missing. What came below the first one ever seen does not count."""
        return next(last for _, last in self._ranges if last >= self.floor)

    def missing(self) -> int:
        """How many numbers above the floor are not here, below the newest."""
        if len(self._ranges) == 1:
            return 0
        above = [r for r in self._ranges if r[1] >= self.floor]
        return sum(b[0] - a[1] - 1 for a, b in pairwise(above))

    def give_up(self) -> int:
        """Take the missing ones as lost. Returns how many they were."""
        lost = self.missing()
        low = next(i for i, r in enumerate(self._ranges) if r[1] >= self.floor)
        self._ranges[low:] = [[self._ranges[low][0], self.newest]]
        self.gap_since = None
        return lost


class DeviceProgress:
    """What the bridge remembers of one device."""

    def __init__(self) -> None:
        self.boots: OrderedDict[str, BootProgress] = OrderedDict()
        self.last_at: Micros | None = None
        self.offset: Micros = 0
        self.behind = 0
        self.lost = 0
        self.duplicates = 0

    def take(self, boot: str, seq: int, now: Micros, patience: float) -> bool:
        """Whether this reading is new; it is remembered then. Gaps older than `patience` s are given up."""
        known = self.boots.get(boot)
        if known is None:
            self.boots[boot] = BootProgress(seq)
            while len(self.boots) > MOST_BOOTS:
                self.boots.popitem(last=False)
            return True
        new = seq not in known
        if new:
            known.add(seq)
        else:
            self.duplicates += 1
        self._mind_gap(known, now, patience)
        return new

    def newer(self, boot: str, seq: int) -> bool:
        """Whether nothing later of this device has been here: asked before `take`."""
        if not self.boots:
            return True
        known = self.boots.get(boot)
        if known is None:
            return True
        return known is next(reversed(self.boots.values())) and seq > known.newest

    def _mind_gap(self, boot: BootProgress, now: Micros, patience: float) -> None:
        if boot.missing() == 0:
            boot.gap_since = None
        elif boot.gap_since is None:
            boot.gap_since = now
        elif now - boot.gap_since > patience * SECOND:
            self.lost += boot.give_up()
