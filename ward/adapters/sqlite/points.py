"""Writes points into the SQLite store, one transaction for each batch."""

import heapq
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

from ward.adapters.point_checks import check_name, check_numbers, check_series
from ward.adapters.sqlite.names import (
    SCHEMA,
    Field,
    SqliteNames,
    add_field,
    add_series,
    at_policy,
    measurement_number,
    policy_of,
)
from ward.clock import SECOND, Clock, Micros
from ward.errors import StoreRefused
from ward.ports.store import Point, Series
from ward.retention_policy import RetentionPolicy
from ward.sqlite_file import connect, transaction

# The limit of fields in a table: a device that sends ever new signals must not make the store unusable.
MOST_FIELDS = 1000
# The time of a field's last value is stored to five minutes, which makes it cheap.
SLOT = 300 * SECOND
_HOUSEKEEPING_ROWS = 200

SqlRow = tuple[Any, ...]
Group = tuple[str, tuple[str, ...]]


class SqlitePoints:
    """The writing connection; calls must not overlap."""

    def __init__(
        self, path: Path, clock: Clock, keep: Mapping[RetentionPolicy, float | None], *, durable: bool = True
    ) -> None:
        self._clock = clock
        self._keep = keep
        self._db = connect(path, durable=durable)  # usually durable: positions of the log are committed after it
        self._db.execute("PRAGMA cache_size=-65536")  # a page for each of some thousand series at once
        self._db.execute("PRAGMA wal_autocheckpoint=4000")
        self._db.executescript(SCHEMA)
        self._names = SqliteNames()
        self._seen: dict[tuple[int, tuple[str, ...]], int] = {}
        self._load()

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None) -> None:
        """Write all points in one synced transaction, or none. Raises `StoreRefused` or `sqlite3.Error`."""
        try:
            with transaction(self._db):
                for (measurement, fields), rows in self._grouped(points, policy).items():
                    self._put(measurement, fields, rows)
                self._sweep(len(points) + _HOUSEKEEPING_ROWS)
        except BaseException:
            with suppress(sqlite3.Error):
                self._load()
            raise

    def close(self) -> None:
        self._db.close()

    def _load(self) -> None:
        """Read names and oldest points from the file: at the start, and after a rollback."""
        self._seen.clear()
        self._names.clear()
        self._db.execute("BEGIN")
        self._names.refresh(self._db)
        self._db.execute("ROLLBACK")
        self._oldest: dict[float, list[tuple[Micros, int, int]]] = {}
        self._newest: Micros = 0
        for series, number in self._names.series.items():
            table = self._names.measurements[series.measurement]
            ends = self._db.execute(f"SELECT min(at), max(at) FROM m{table} WHERE series = ?", (number,)).fetchone()
            self._remember(series.measurement, number, self._clock.now() if ends[0] is None else ends[0])
            self._newest = max(self._newest, ends[1] or 0)

    def _grouped(self, points: Sequence[Point], policy: RetentionPolicy | None) -> dict[Group, list[SqlRow]]:
        groups: dict[Group, list[SqlRow]] = {}
        tables: dict[Series, tuple[str, int]] = {}
        for series, at, fields in points:
            table = tables.get(series)
            if table is None:
                table = tables[series] = self._stored_series(series, at, policy)
            group = (table[0], tuple(fields))
            rows = groups.get(group)
            if rows is None:
                rows = groups[group] = []
            rows.append((table[1], at, *fields.values()))
            if not fields:
                raise StoreRefused(f"{series.measurement}: a point without any field")
        for _, names in groups:
            for name in names:
                check_name(name)
        # The fast check is of whole columns; the slow one also checks texts, and names the fault.
        if not all(_all_finite(rows) for rows in groups.values()):
            for point in points:
                check_numbers(point, tuple(point.fields.values()))
        return groups

    def _stored_series(self, series: Series, at: Micros, policy: RetentionPolicy | None) -> tuple[str, int]:
        """(stored name, number) of a series; a new one is created."""
        check_series(series)
        stored = series
        if policy is not None:
            stored = Series(at_policy(series.measurement, policy), series.tags)
        number = self._names.series.get(stored)
        if number is None:
            number = self._new_series(stored, at)
        return stored.measurement, number

    def _put(self, measurement: str, names: tuple[str, ...], rows: Sequence[SqlRow]) -> None:
        number = self._names.measurements[measurement]
        fields = [self._field(number, measurement, name, rows[0][2 + i]) for i, name in enumerate(names)]
        for field, column in zip(fields, list(zip(*rows, strict=True))[2:], strict=True):
            if {issubclass(kind, str) for kind in set(map(type, column))} != {field.text}:
                held = "text" if field.text else "numbers"
                raise StoreRefused(f"{measurement}.{field.name} holds {held}, and this is something else")
        columns = [field.column for field in fields]
        self._db.executemany(
            f"INSERT INTO m{number} (series, at, {', '.join(columns)}) VALUES (?, ?{', ?' * len(columns)}) "
            f"ON CONFLICT (series, at) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in columns)}",
            rows,
        )
        self._update_seen(names, fields, rows)

    def _update_seen(self, names: tuple[str, ...], fields: Sequence[Field], rows: Sequence[SqlRow]) -> None:
        """Store in which slot each series last had these fields."""
        newest: dict[int, Micros] = {}
        for row in rows:
            if newest.get(row[0], -1) < row[1]:
                newest[row[0]] = row[1]
        self._newest = max(self._newest, *newest.values())
        later = [(s, at // SLOT) for s, at in newest.items() if self._seen.get((s, names), -1) < at // SLOT]
        self._db.executemany(
            "INSERT INTO seen VALUES (?, ?, ?) "
            "ON CONFLICT (series, field) DO UPDATE SET slot = excluded.slot WHERE excluded.slot > seen.slot",
            [(series, field.number, slot) for series, slot in later for field in fields],
        )
        self._seen.update({(series, names): slot for series, slot in later})

    def _field(self, number: int, measurement: str, name: str, first: object) -> Field:
        fields = self._names.fields[number]
        if name not in fields:
            if len(fields) >= MOST_FIELDS:
                raise StoreRefused(f"{measurement} has {len(fields)} fields already; {name} would be one too many")
            add_field(self._db, number, name, isinstance(first, str))
            self._names.refresh(self._db)
        return fields[name]

    def _new_series(self, series: Series, at: Micros) -> int:
        number = self._names.measurements.get(series.measurement) or measurement_number(self._db, series.measurement)
        add_series(self._db, number, series)
        self._names.refresh(self._db)
        self._remember(series.measurement, self._names.series[series], at)
        return self._names.series[series]

    def _remember(self, measurement: str, series: int, oldest: Micros) -> None:
        """Record the oldest point of a series, for `_sweep`."""
        keep = self._keep[policy_of(measurement)]
        if keep is not None:
            heap = self._oldest.setdefault(keep, [])
            heapq.heappush(heap, (oldest, series, self._names.measurements[measurement]))

    def _sweep(self, limit: int) -> None:
        """Delete at most about `limit` points that are too old, of the series with the oldest ones first.

        Age is counted from the newest point where that is earlier than now, so that a clock that is ahead deletes
        nothing.
        """
        now = min(self._clock.now(), self._newest)
        for keep, heap in self._oldest.items():
            before = now - round(keep * SECOND)
            # Deletion starts a hundredth late, so that many points are deleted at once, not one at each commit.
            while limit > 0 and heap and heap[0][0] < before - keep * SECOND / 100:
                _, series, table = heap[0]
                limit -= max(1, self._delete_oldest(table, series, before, limit))
                (at,) = self._db.execute(f"SELECT min(at) FROM m{table} WHERE series = ?", (series,)).fetchone()
                heapq.heapreplace(heap, (now if at is None else at, series, table))

    def _delete_oldest(self, table: int, series: int, before: Micros, limit: int) -> int:
        return self._db.execute(
            f"DELETE FROM m{table} WHERE series = ?1 AND at IN "
            f"(SELECT at FROM m{table} WHERE series = ?1 AND at < ?2 ORDER BY at LIMIT ?3)",
            (series, before, limit),
        ).rowcount


def _all_finite(rows: Sequence[SqlRow]) -> bool:
    try:
        return all(all(map(isfinite, column)) for column in list(zip(*rows, strict=True))[2:])
    except TypeError:
        return False
