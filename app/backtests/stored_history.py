"""Reads the past from the store, oldest first: an hour at a time, or less where there is much.

A window holds a bounded number of points, so memory does not grow with the time that is read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeVar

from ward.clock import SECOND, Micros
from ward.errors import QueryRefused
from ward.ports import Row, SeriesColumns, Store

HOUR: Micros = 3600 * SECOND
MOST = 50_000
MOST_IN_A_SECOND = 20 * MOST
# Columns take an eighth of the memory of rows.
MOST_IN_COLUMNS = 8 * MOST

T = TypeVar("T")


@dataclass(frozen=True)
class Span(Generic[T]):
    """What was read of [start, end)."""

    start: Micros
    end: Micros
    content: T


class StoredHistory:
    """Reads some measurements of a store as rows, of some beds or of all. Holds at most one window in memory."""

    def __init__(self, store: Store, measurements: Sequence[str], beds: Sequence[str] = ()) -> None:
        self._store = store
        self._measurements = measurements
        self._where: list[dict[str, str]] = [{"bed": bed} for bed in beds] or [{}]

    def windows(self, start: Micros, end: Micros) -> Iterator[Span[list[Row]]]:
        """Consecutive windows from `start` to `end`, split at full hours."""
        return _spans(self._rows, start, end, lambda rows: len(rows) < MOST // 4)

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


class StoredColumns:
    """Reads some measurements of a store as columns, of series whose tags are `chosen`. Holds at most one window in
    memory."""

    def __init__(
        self, store: Store, measurements: Sequence[str], chosen: Callable[[Mapping[str, str]], bool] = lambda _: True
    ) -> None:
        self._store = store
        self._measurements = measurements
        self._chosen = chosen

    def windows(self, start: Micros, end: Micros) -> Iterator[Span[list[SeriesColumns]]]:
        """Consecutive windows from `start` to `end`, split at full hours."""
        return _spans(self._columns, start, end, lambda found: _points(found) < MOST_IN_COLUMNS // 4)

    def _columns(self, start: Micros, end: Micros) -> list[SeriesColumns] | None:
        most = MOST_IN_A_SECOND if end - start <= SECOND else MOST_IN_COLUMNS
        found: list[SeriesColumns] = []
        for measurement in self._measurements:
            try:
                found += self._store.columns(measurement, self._chosen, start, end, most - _points(found))
            except QueryRefused:
                if end - start <= SECOND:
                    raise
                return None
        return found


def _points(found: Sequence[SeriesColumns]) -> int:
    return sum(len(columns.at) for columns in found)


def _spans(
    read: Callable[[Micros, Micros], T | None], start: Micros, end: Micros, few: Callable[[T], bool]
) -> Iterator[Span[T]]:  # fmt: skip
    """What `read` returns for consecutive spans of at most an hour, split at full hours.

    A span for which it returns None is halved; after one with `few` points the next one is longer. In longer spans the
    engine would look at the same readings too often: after each break it looks how far it may go on at once.
    """
    span = HOUR
    while start < end:
        until = min(start + span, start // HOUR * HOUR + HOUR, end)
        content = read(start, until)
        if content is None:
            span = max(SECOND, span // 2)
            continue
        yield Span(start, until, content)
        start = until
        if few(content):
            span = min(HOUR, 2 * span)
