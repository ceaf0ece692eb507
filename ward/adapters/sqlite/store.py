"""The store in a SQLite file: durable, for one machine.

Each measurement is a table, each field a column, each series and instant a row, so that a curve is one scan of an
index. One process writes, through one connection; every reader has its own and never waits. Each batch is synced to the
disk, since the log's position is committed afterwards and the points would not be written again.
"""

import heapq
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from ward.adapters.aggregation import bucket_micros
from ward.adapters.rollup_curve import NOTHING, query_range
from ward.adapters.sqlite.names import Field, SqliteNames, at_policy
from ward.adapters.sqlite.points import SLOT, SqlitePoints
from ward.adapters.sqlite.summaries import summaries
from ward.clock import Clock, Micros, SystemClock
from ward.errors import QueryRefused, SettingsError, StoreRefused, StoreUnavailable
from ward.ports.store import Curve, Point, RollupBucket, Row
from ward.retention_policy import RETENTION, RetentionPolicy
from ward.sqlite_file import ReadConnections, WriterLock

_EVER = (-(2**63), 2**63 - 1)

SqlRows = list[tuple[Any, ...]]


class SqliteStore:
    """Port `Store` on one file: one writing process, any number of reading ones (`reading_only`).

    Without `durable`, which is for tests, the newest batches may be lost in a power cut.
    Raises `SettingsError` when the file is damaged, or another process writes it already.
    """

    def __init__(
        self, path: Path, clock: Clock | None = None, keep: Mapping[RetentionPolicy, float | None] = RETENTION,
        reading_only: bool = False, durable: bool = True,
    ) -> None:  # fmt: skip
        self._path = path
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._points: SqlitePoints | None = None
        if reading_only and not path.exists():
            raise SettingsError(f"{path}: there is no store yet")
        if not reading_only:
            self._one_writer = WriterLock(path)
            try:
                self._points = SqlitePoints(path, self._clock, keep, durable=durable)
            except BaseException:
                self._one_writer.release()
                raise
        self._readers = ReadConnections(path)
        self._names = SqliteNames()

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        if self._points is None:
            raise SettingsError(f"{self._path} is opened for reading only")
        with self._lock:
            try:
                self._points.write(points, policy)
            except sqlite3.Error as error:
                raise StoreUnavailable(f"{self._path} cannot be written: {error}") from error
            except OverflowError as error:
                raise StoreRefused(f"an instant or number is too large: {error}") from error

    def query_range(
        self, measurement: str, field: str, where: Mapping[str, str], start: Micros, end: Micros,
        every: float | None = None, limit: int = 20_000, policy: RetentionPolicy | None = None,
    ) -> Curve:  # fmt: skip
        now = self._clock.now()
        return query_range(self, now, measurement, field, where, start, end, every, limit, policy)

    def query_raw(
        self, measurement: str, field: str, where: Mapping[str, str], start: Micros, end: Micros,
        every: float | None, limit: int, policy: RetentionPolicy | None,
    ) -> Curve:  # fmt: skip
        with self._reading():
            found = self._numbers(at_policy(measurement, policy), field)
        if found is None:
            return NOTHING
        c = found.column
        what = f"at, {c}, {c}, {c}, 1"
        if every is not None:
            what = f"{_bucket(every)}, avg({c}), min({c}), max({c}), count({c})"
        return self._curve(at_policy(measurement, policy), what, c, where, start, end, every, limit)

    def query_rollups(
        self, measurement: str, field: str, where: Mapping[str, str], start: Micros, end: Micros, every: float,
        limit: int, policy: RetentionPolicy,
    ) -> Curve:  # fmt: skip
        table = at_policy(measurement, policy)
        with self._reading():
            found = [self._numbers(table, f"{field}{part}") for part in ("", "_min", "_max", "_count")]
        columns = [one.column for one in found if one is not None]
        if len(columns) < len(found):
            return NOTHING
        mean, low, high, n = columns
        what = f"{_bucket(every)}, sum({mean} * {n}) / sum({n}), min({low}), max({high}), CAST(sum({n}) AS INTEGER)"
        return self._curve(table, what, n, where, start, end, every, limit)

    def _curve(
        self, table: str, what: str, there: str, where: Mapping[str, str], start: Micros, end: Micros,
        every: float | None, limit: int,
    ) -> Curve:  # fmt: skip
        rows: SqlRows = []
        with self._reading() as db:
            series = self._names.matching(table, where)
            if series:
                rows = db.execute(
                    f"SELECT {what} FROM {self._table(table)} "
                    f"WHERE series IN ({_listed(series)}) AND at >= ? AND at < ? AND {there} IS NOT NULL "
                    f"{'GROUP BY 1 ' if every is not None else ''}ORDER BY 1 LIMIT ?",
                    (_within(start), _within(end), limit + 1),
                ).fetchall()
        if len(rows) > limit:
            raise QueryRefused(f"more than {limit} rows: ask for a shorter time or wider buckets")
        return Curve(*zip(*rows, strict=True)) if rows else NOTHING

    def summaries(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, every: float
    ) -> list[RollupBucket]:
        width = bucket_micros(every)
        with self._reading() as db:
            return list(summaries(db, self._names, measurement, where, (_within(start), _within(end)), width))

    def last(
        self, measurement: str, field: str, where: Mapping[str, str], count: int, policy: RetentionPolicy | None = None
    ) -> list[tuple[Micros, float]]:
        measurement = at_policy(measurement, policy)
        with self._reading() as db:
            found = self._numbers(measurement, field)
            if found is None:
                return []
            table, column = self._table(measurement), found.column
            # Only series that have the field: others would be searched to their beginning.
            named = _listed(self._names.matching(measurement, where))
            having = db.execute(f"SELECT series FROM seen WHERE series IN ({named}) AND field = ?", (found.number,))
            series = [row[0] for row in having.fetchall()]
            sql = f"SELECT at, {column} FROM {table} WHERE series = ? AND {column} IS NOT NULL ORDER BY at DESC LIMIT ?"
            newest = heapq.merge(*(db.execute(sql, (s, count)).fetchall() for s in series), reverse=True)
            return list(islice(newest, max(0, count)))[::-1]

    def latest(self, measurement: str, by: str, since: Micros) -> dict[str, dict[str, tuple[Micros, float]]]:
        found: dict[str, dict[str, tuple[Micros, float]]] = {}
        with self._reading() as db:
            for series, field, at, value in self._newest(db, measurement, _within(since)):
                name = self._names.tags[series].get(by)
                if name is not None:
                    of = found.setdefault(name, {})
                    if field not in of or of[field][0] < at:
                        of[field] = (at, value)
        return found

    def rows(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, limit: int,
        policy: RetentionPolicy | None = None,
    ) -> list[Row]:  # fmt: skip
        measurement = at_policy(measurement, policy)
        with self._reading() as db:
            series = self._names.matching(measurement, where)
            if not series:
                return []
            fields = list(self._names.fields[self._names.measurements[measurement]].values())
            columns = ", ".join(["series", "at", *(field.column for field in fields)])
            sql = (
                f"SELECT {columns} FROM {self._table(measurement)} WHERE series = ? AND at >= ? AND at < ? "
                f"ORDER BY at DESC LIMIT ?"
            )
            span = (_within(start), _within(end), limit)
            found = (db.execute(sql, (number, *span)).fetchall() for number in series)
            newest = islice(heapq.merge(*found, key=itemgetter(1), reverse=True), max(0, limit))
            return [self._row([field.name for field in fields], row) for row in newest]

    def close(self) -> None:
        with self._lock:
            if self._points is not None:
                self._points.close()
            self._readers.close()
            if self._points is not None:
                self._one_writer.release()

    def _newest(
        self, db: sqlite3.Connection, measurement: str, since: Micros
    ) -> Iterator[tuple[int, str, Micros, float]]:
        """(series, field, instant, value) from each newest row; older rows for fields that it does not have."""
        number = self._names.measurements.get(measurement)
        fields = [field for field in self._names.fields.get(number or 0, {}).values() if not field.text]
        if not fields:
            return
        table, columns = self._table(measurement), ", ".join(f"row.{field.column}" for field in fields)
        rows = db.execute(
            f"SELECT row.series, row.at, {columns} FROM series JOIN {table} row ON row.series = series.number "
            f"AND row.at = (SELECT max(at) FROM {table} WHERE series = series.number) "
            f"WHERE series.measurement = ? AND row.at >= ?",
            (number, since),
        ).fetchall()
        there = set()
        for series, at, *values in rows:
            for field, value in zip(fields, values, strict=True):
                if value is not None:
                    there.add((series, field.number))
                    yield series, field.name, at, value
        if len(there) < len(rows) * len(fields):
            yield from self._older(db, table, fields, {row[0] for row in rows}, there, since)

    def _older(
        self, db: sqlite3.Connection, table: str, fields: Sequence[Field], series: set[int],
        there: set[tuple[int, int]], since: Micros,
    ) -> Iterator[tuple[int, str, Micros, float]]:  # fmt: skip
        named = {field.number: field for field in fields}
        seen = db.execute("SELECT series, field, slot FROM seen WHERE slot >= ?", (since // SLOT,)).fetchall()
        for one, number, slot in seen:
            if one in series and number in named and (one, number) not in there:
                column = named[number].column
                row = db.execute(
                    f"SELECT at, {column} FROM {table} WHERE series = ? AND at >= ? AND at < ? "
                    f"AND {column} IS NOT NULL ORDER BY at DESC LIMIT 1",
                    (one, max(since, slot * SLOT), (slot + 1) * SLOT),
                ).fetchone()
                if row:
                    yield one, named[number].name, row[0], row[1]

    def _row(self, names: Sequence[str], row: tuple[Any, ...]) -> Row:
        fields = {name: value for name, value in zip(names, row[2:], strict=True) if value is not None}
        return Row(row[1], self._names.tags[row[0]], fields)

    def _numbers(self, measurement: str, name: str) -> Field | None:
        field = self._names.field(measurement, name)
        return None if field is None or field.text else field

    def _table(self, measurement: str) -> str:
        return f"m{self._names.measurements[measurement]}"

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._readers.borrow() as db:
                self._names.refresh(db)
                yield db
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path} cannot be read: {error}") from error


def _bucket(every: float) -> str:
    """The beginning of the bucket that an instant is in."""
    width = bucket_micros(every)
    # SQLite's remainder is negative before 1970; the second remainder corrects that.
    return f"at - ((at % {width}) + {width}) % {width}"


def _listed(series: Sequence[int]) -> str:
    return ", ".join(map(str, series))


def _within(at: Micros) -> Micros:
    return max(_EVER[0], min(_EVER[1], at))
