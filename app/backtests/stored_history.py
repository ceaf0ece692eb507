"""Reads rows of the store, oldest first: an hour at a time, or less where there are many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ward.clock import SECOND, Micros
from ward.ports import Row, Store

HOUR: Micros = 3600 * SECOND
MOST = 50_000
MOST_IN_A_SECOND = 20 * MOST


@dataclass(frozen=True)
class StoredWindow:
    """All rows in [start, end)."""

    start: Micros
    end: Micros
    rows: Sequence[Row]


class StoredHistory:
    """Reads some measurements of a store, of some beds or of all. Holds at most one window in memory."""

    def __init__(self, store: Store, measurements: Sequence[str], beds: Sequence[str] = ()) -> None:
        self._store = store
        self._measurements = measurements
        self._where: list[dict[str, str]] = [{"bed": bed} for bed in beds] or [{}]

    def windows(self, start: Micros, end: Micros) -> Iterator[StoredWindow]:
        """Consecutive windows from `start` to `end`, split at full hours."""
        span = HOUR
        while start < end:
            until = min(start + span, start // HOUR * HOUR + HOUR, end)
            rows = self._rows(start, until)
            if rows is None:
                span = max(SECOND, span // 2)
                continue
            yield StoredWindow(start, until, rows)
            start = until
            if len(rows) < MOST // 4:
                span = min(HOUR, 2 * span)

    def _rows(self, start: Micros, end: Micros) -> list[Row] | None:
        """The rows in [start, end); None when there are too many and the window can be shortened."""
        least = end - start <= SECOND
        most = MOST_IN_A_SECOND if least else MOST
        found: list[Row] = []
        for measurement in self._measurements:
            for where in self._where:
                rows = self._store.rows(measurement, where, start, end, most)
                found += rows
                if not least and (len(rows) == most or len(found) > most):
                    return None
        found.reverse()
        return sorted(found, key=attrgetter("at"))
