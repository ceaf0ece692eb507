"""Which messages are missing and which are repeats, by numbers that begin anew at some point."""

from collections import OrderedDict, deque

from ward.clock import Micros

MOST_SENDERS = 5000
# So many repeats of a sender are known again: what a broker delivers anew after a lost connection.
_WINDOW = 64
# A sender without a stated range that falls back has begun anew; one that leaps further than this has, too.
_LONGEST_GAP = 10_000


class Counting:
    """Remembers, for each of the latest 5,000 senders, its last number and the last 64 with their times."""

    def __init__(self, wraps: int | None = None) -> None:
        self._wraps = wraps
        self._senders: OrderedDict[tuple[str, ...], _Sender] = OrderedDict()

    def take(self, sender: tuple[str, ...], number: int, at: Micros | None) -> tuple[int, bool]:
        """How many are missing just before this number, and whether it was here before, with the same time."""
        known = self._senders.get(sender)
        if known is None:
            self._senders[sender] = known = _Sender()
            while len(self._senders) > MOST_SENDERS:
                self._senders.popitem(last=False)
        self._senders.move_to_end(sender)
        if (number, at) in known.recent:
            return 0, True
        lost, known.owed = known.owed + self._lost(known.last, number), 0
        known.recent.append((number, at))
        known.last = number
        return lost, False

    def restart(self, sender: tuple[str, ...]) -> None:
        """The sender begins anew: what comes next follows nothing."""
        if sender in self._senders:
            self._senders[sender].last = None

    def owe(self, sender: tuple[str, ...], lost: int) -> None:
        """What `take` said to be missing could not be told to anybody: it is said again next time."""
        if sender in self._senders:
            self._senders[sender].owed += lost

    def _lost(self, last: int | None, number: int) -> int:
        if last is None:
            return 0
        ahead = number - last if self._wraps is None else (number - last) % self._wraps
        most = _LONGEST_GAP if self._wraps is None else min(self._wraps // 2, _LONGEST_GAP)
        return ahead - 1 if 1 <= ahead <= most else 0


class _Sender:
    def __init__(self) -> None:
        self.last: int | None = None
        self.owed = 0
        self.recent: deque[tuple[int, Micros | None]] = deque(maxlen=_WINDOW)
