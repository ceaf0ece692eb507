"""Up to which hour all roll-ups are written, by partition; stored, so that another process can continue."""

from rollups.points import HOURS
from ward.clock import SECOND, Micros
from ward.ports import Partition, Point, Series, Store
from ward.retention_policy import RETENTION, RetentionPolicy

_NAME = "rollups"


class HourProgress:
    """One point of `rollups` for each partition, always at the epoch, so that a new one replaces it.

    The readings of the first minutes of an hour are committed long before that hour is over and its roll-up is written.
    After a crash this point shows from which hour on roll-ups must be written again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[Partition, Micros] = {}

    def incomplete(self, partitions: set[Partition], now: Micros) -> set[Micros]:
        """The hours before that of `now` that may not be written yet, of newly assigned partitions."""
        found: set[Micros] = set()
        for partition in partitions - self._known.keys():
            rows = self._store.rows(_NAME, {"partition": str(partition.number)}, 0, 1, 1)
            until = round(float(rows[0].fields["hours_until"])) * SECOND if rows else _hour(now)
            oldest = now - round((RETENTION[RetentionPolicy.MINUTES] or 0.0) * SECOND)
            found |= set(range(max(until, _hour(oldest)), _hour(now), HOURS))
        return found

    def record(self, partitions: set[Partition], now: Micros) -> None:
        """Store that all hours before that of `now` are written for these partitions."""
        until = _hour(now)
        behind = sorted(p for p in partitions if self._known.get(p) != until)
        points = [
            Point(Series.of(_NAME, partition=str(p.number)), 0, {"hours_until": float(until // SECOND)}) for p in behind
        ]
        if points:
            self._store.write(points)
        self._known = dict.fromkeys(partitions, until)


def _hour(at: Micros) -> Micros:
    return at - at % HOURS
