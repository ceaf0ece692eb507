"""Up to where all hours are made, by partition of the log: kept in the store, for whoever goes on after us."""

from rollups.points import HOURS
from ward.clock import SECOND, Micros
from ward.ports import Partition, Point, Series, Store
from ward.retention_policy import RETENTION, RetentionPolicy

_NAME = "rollups"


class Marks:
    """One mark a partition, at the epoch, so that there is never more than one.

    The hour that goes on is made when it is over, while the readings of its first minutes were committed long before.
    After a death the mark tells from where on hours must be made again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[Partition, Micros] = {}

    def open(self, partitions: set[Partition], now: Micros) -> set[Micros]:
        """Hours that are over, of partitions that are new here, and that nobody may have made yet."""
        found: set[Micros] = set()
        for partition in partitions - self._known.keys():
            events = self._store.events(_NAME, {"partition": str(partition.number)}, 0, 1, 1)
            until = round(float(events[0].fields["hours_until"])) * SECOND if events else _hour(now)
            oldest = now - round((RETENTION[RetentionPolicy.MINUTES] or 0.0) * SECOND)
            found |= set(range(max(until, _hour(oldest)), _hour(now), HOURS))
        return found

    def put(self, partitions: set[Partition], now: Micros) -> None:
        """All hours that are over by now are made."""
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
