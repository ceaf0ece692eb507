"""Up to which hour all roll-ups are written, by partition of the log; stored, for the process that continues."""

from rollups.points import HOURS
from ward.clock import SECOND, Micros
from ward.ports import Partition, Point, Series, Store
from ward.retention_policy import RETENTION, RetentionPolicy

_NAME = "rollups"


class HourProgress:
    """One point of `rollups` for each partition, always at the epoch, so that a new one replaces it.

    The readings of an hour's first minutes are committed long before the hour is over and written. After a crash this
    point says from which hour on they must be written again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[Partition, Micros] = {}

    def incomplete(self, partitions: set[Partition], now: Micros) -> set[Micros]:
        """The hours before that of `now` that may not be written yet, of partitions that were newly assigned to us."""
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
