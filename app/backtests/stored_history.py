"""Reads events of the store, oldest first: an hour at a time, or less where there are many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ward.clock import SECOND, Micros
from ward.ports import Event, Store

HOUR: Micros = 3600 * SECOND
MOST = 50_000
MOST_IN_A_SECOND = 20 * MOST


@dataclass(frozen=True)
class StoredWindow:
    """All events in [start, end)."""

    start: Micros
    end: Micros
    events: Sequence[Event]


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
            events = self._events(start, until)
            if events is None:
                span = max(SECOND, span // 2)
                continue
            yield StoredWindow(start, until, events)
            start = until
            if len(events) < MOST // 4:
                span = min(HOUR, 2 * span)

    def _events(self, start: Micros, end: Micros) -> list[Event] | None:
        """The events in [start, end); None when there are too many and the window can be shortened."""
        least = end - start <= SECOND
        most = MOST_IN_A_SECOND if least else MOST
        found: list[Event] = []
        for measurement in self._measurements:
            for where in self._where:
                events = self._store.events(measurement, where, start, end, most)
                found += events
                if not least and (len(events) == most or len(found) > most):
                    return None
        found.reverse()
        return sorted(found, key=attrgetter("at"))
