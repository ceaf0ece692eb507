"""Which messages are missing and which are repeats, by numbers that start again at some point."""

from collections import OrderedDict, deque

from ward.clock import Micros

MOST_SENDERS = 5000
# So many messages of a sender are remembered, to recognise what a broker delivers again after a lost connection.
_WINDOW = 64
# A number that is further ahead than this means that the sender has restarted, and so does one that falls back.
_LONGEST_GAP = 10_000


class SequenceTracker:
    """For each of the latest 5,000 senders, its last number, and the last 64 numbers with their times.

    With `wraps`, numbers go from 0 to `wraps` - 1 and begin with 0 again.
    """

    def __init__(self, wraps: int | None = None) -> None:
        self._wraps = wraps
        self._senders: OrderedDict[tuple[str, ...], _Sender] = OrderedDict()

    def apply(self, sender: tuple[str, ...], number: int, at: Micros | None) -> tuple[int, bool]:
        """How many messages are missing just before this one, and whether it is a repeat: same number, same time."""
        known = self._senders.get(sender)
        if known is None:
            self._senders[sender] = known = _Sender()
            while len(self._senders) > MOST_SENDERS:
                self._senders.popitem(last=False)
        self._senders.move_to_end(sender)
        if (number, at) in known.recent:
            return 0, True
        lost, known.unreported = known.unreported + self._missing(known.last, number), 0
        known.recent.append((number, at))
        known.last = number
        return lost, False

    def restart(self, sender: tuple[str, ...]) -> None:
        """The sender has restarted: its next number follows none."""
        if sender in self._senders:
            self._senders[sender].last = None

    def report_later(self, sender: tuple[str, ...], lost: int) -> None:
        """Add to the result of the next `apply`: no reading could report these `lost` messages."""
        if sender in self._senders:
            self._senders[sender].unreported += lost

    def _missing(self, last: int | None, number: int) -> int:
        if last is None:
            return 0
        ahead = number - last if self._wraps is None else (number - last) % self._wraps
        most = _LONGEST_GAP if self._wraps is None else min(self._wraps // 2, _LONGEST_GAP)
        return ahead - 1 if 1 <= ahead <= most else 0


class _Sender:
    def __init__(self) -> None:
        self.last: int | None = None
        self.unreported = 0
        self.recent: deque[tuple[int, Micros | None]] = deque(maxlen=_WINDOW)
