"""The store in a SQLite file: durable, for one machine.

Each measurement is a table, each field a column, each series and instant a row, so that a curve is one scan of an
index. One process writes, through one connection; every reader has its own and never waits. Each batch is synced to the
disk, since the log's position is committed afterwards and the points would not be written again.
"""

import heapq
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from operator import itemgetter
from pathlib import Path
from shutil import disk_usage
from typing import Any

from ward.adapters.aggregation import bucket_micros
from ward.adapters.rollup_curve import NOTHING, query_range
from ward.adapters.sqlite.columns import series_columns
from ward.adapters.sqlite.latest import newest
from ward.adapters.sqlite.names import Field, StoreReader, at_policy
from ward.adapters.sqlite.points import SqlitePoints
from ward.adapters.sqlite.recovering_file import RecoveringFile
from ward.adapters.sqlite.summaries import summaries
from ward.clock import Clock, Micros, SystemClock
from ward.errors import QueryRefused, SettingsError, StoreRefused, StoreUnavailable
from ward.ports.series_columns import SeriesColumns
from ward.ports.store import Curve, Point, RollupBucket, Row
from ward.retention_policy import RETENTION, RetentionPolicy
from ward.sqlite_file import ReadConnections, WriterLock
from ward.start_room import ROOM_TO_WRITE

_MISSING = "curves before that are missing"
_EVER = (-(2**63), 2**63 - 1)

SqlRows = list[tuple[Any, ...]]


class SqliteStore:
    """Port `Store` on one file: one writing process, any number of reading ones (`reading_only`).

    Without `durable`, which is for tests, the newest batches may be lost in a power cut.
    A damaged file is put aside and an empty one takes its place, at the start and later. One that cannot be opened is
    tried again with each write. Raises `SettingsError` when another process writes it already.
    """

    def __init__(
        self, path: Path, clock: Clock | None = None, keep: Mapping[RetentionPolicy, float | None] = RETENTION,
        reading_only: bool = False, durable: bool = True,
    ) -> None:  # fmt: skip
        self._path = path
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._keep = keep
        self._durable = durable
        self._one_writer: WriterLock | None = None
        self._file: RecoveringFile[SqlitePoints] | None = None
        self._unusable = ""
        if reading_only and not path.exists():
            raise SettingsError(f"{path}: there is no store yet")
        if not reading_only:
            self._one_writer = WriterLock(path)
            with suppress(StoreUnavailable):  # `write` tries again, and says so
                self._opened()
        self._readers = ReadConnections(path, StoreReader)

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        if self._one_writer is None:
            raise SettingsError(f"{self._path} is opened for reading only")
        with self._lock:
            if disk_usage(self._path.parent).free < ROOM_TO_WRITE:
                raise StoreUnavailable(f"{self._path} is not written: the disk is full, and the log needs what is left")
            try:
                self._opened().use(lambda writer: writer.write(points, policy))
            except (sqlite3.Error, SettingsError) as error:
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
        table = at_policy(measurement, policy)
        with self._reading() as db:
            found = _number_field(db, table, field)
            if found is None:
                return NOTHING
            c = found.column
            what = f"at, {c}, {c}, {c}, 1"
            if every is not None:
                what = f"{_bucket(every)}, avg({c}), min({c}), max({c}), count({c})"
            return _curve(db, table, what, c, where, start, end, every, limit)

    def query_rollups(
        self, measurement: str, field: str, where: Mapping[str, str], start: Micros, end: Micros, every: float,
        limit: int, policy: RetentionPolicy,
    ) -> Curve:  # fmt: skip
        table = at_policy(measurement, policy)
        with self._reading() as db:
            found = [_number_field(db, table, f"{field}{part}") for part in ("", "_min", "_max", "_count")]
            columns = [one.column for one in found if one is not None]
            if len(columns) < len(found):
                return NOTHING
            mean, low, high, n = columns
            what = f"{_bucket(every)}, sum({mean} * {n}) / sum({n}), min({low}), max({high}), CAST(sum({n}) AS INTEGER)"
            return _curve(db, table, what, n, where, start, end, every, limit)

    def summaries(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, every: float
    ) -> list[RollupBucket]:
        width = bucket_micros(every)
        with self._reading() as db:
            return list(summaries(db, measurement, where, (_within(start), _within(end)), width))

    def last(
        self, measurement: str, field: str, where: Mapping[str, str], count: int, policy: RetentionPolicy | None = None
    ) -> list[tuple[Micros, float]]:
        measurement = at_policy(measurement, policy)
        with self._reading() as db:
            found = _number_field(db, measurement, field)
            if found is None:
                return []
            table, column = db.names.table(measurement), found.column
            # Only series that have the field: others would be searched to their beginning.
            named = _listed(db.names.matching(measurement, where))
            having = db.execute(f"SELECT series FROM seen WHERE series IN ({named}) AND field = ?", (found.number,))
            series = [row[0] for row in having.fetchall()]
            sql = f"SELECT at, {column} FROM {table} WHERE series = ? AND {column} IS NOT NULL ORDER BY at DESC LIMIT ?"
            values = heapq.merge(*(db.execute(sql, (s, count)).fetchall() for s in series), reverse=True)
            return list(islice(values, max(0, count)))[::-1]

    def latest(self, measurement: str, by: str, since: Micros) -> dict[str, dict[str, tuple[Micros, float]]]:
        found: dict[str, dict[str, tuple[Micros, float]]] = {}
        with self._reading() as db:
            for series, field, at, value in newest(db, measurement, _within(since)):
                name = db.names.tags[series].get(by)
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
            series = db.names.matching(measurement, where)
            if not series:
                return []
            fields = list(db.names.fields[db.names.measurements[measurement]].values())
            columns = ", ".join(["series", "at", *(field.column for field in fields)])
            sql = (
                f"SELECT {columns} FROM {db.names.table(measurement)} WHERE series = ? AND at >= ? AND at < ? "
                f"ORDER BY at DESC LIMIT ?"
            )
            span = (_within(start), _within(end), limit)
            found = (db.execute(sql, (number, *span)).fetchall() for number in series)
            rows = islice(heapq.merge(*found, key=itemgetter(1), reverse=True), max(0, limit))
            return [_row(db, [field.name for field in fields], row) for row in rows]

    def columns(
        self, measurement: str, chosen: Callable[[Mapping[str, str]], bool], start: Micros, end: Micros, limit: int
    ) -> list[SeriesColumns]:
        with self._reading() as db:
            if measurement not in db.names.measurements:
                return []
            return series_columns(db, measurement, chosen, _within(start), _within(end), limit)

    def problem(self) -> str:
        return self._file.problem() if self._file is not None else self._unusable

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._readers.close()
            if self._one_writer is not None:
                self._one_writer.release()

    def _opened(self) -> RecoveringFile[SqlitePoints]:
        """The file, opened at the first call that can. Raises `StoreUnavailable`."""
        if self._file is None:
            try:
                self._file = RecoveringFile(self._path, self._clock, self._open_writer, _MISSING)
            except (SettingsError, sqlite3.Error) as error:
                self._unusable = f"the history cannot be used: {error}"
                raise StoreUnavailable(self._unusable) from error
        return self._file

    def _open_writer(self, replaces: bool) -> SqlitePoints:
        return SqlitePoints(self._path, self._clock, self._keep, durable=self._durable)

    @contextmanager
    def _reading(self) -> Iterator[StoreReader]:
        try:
            with self._readers.borrow() as db:
                db.names.refresh(db)
                yield db
        except sqlite3.Error as error:
            if self._file is not None:
                self._file.note(error)
            raise StoreUnavailable(f"{self._path} cannot be read: {error}") from error


def _curve(
    db: StoreReader, table: str, what: str, there: str, where: Mapping[str, str], start: Micros, end: Micros,
    every: float | None, limit: int,
) -> Curve:  # fmt: skip
    series = db.names.matching(table, where)
    if not series:
        return NOTHING
    rows: SqlRows = db.execute(
        f"SELECT {what} FROM {db.names.table(table)} "
        f"WHERE series IN ({_listed(series)}) AND at >= ? AND at < ? AND {there} IS NOT NULL "
        f"{'GROUP BY 1 ' if every is not None else ''}ORDER BY 1 LIMIT ?",
        (_within(start), _within(end), limit + 1),
    ).fetchall()
    if len(rows) > limit:
        raise QueryRefused(f"more than {limit} rows: ask for a shorter time or wider buckets")
    return Curve(*zip(*rows, strict=True)) if rows else NOTHING


def _row(db: StoreReader, columns: Sequence[str], row: tuple[Any, ...]) -> Row:
    fields = {name: value for name, value in zip(columns, row[2:], strict=True) if value is not None}
    return Row(row[1], db.names.tags[row[0]], fields)


def _number_field(db: StoreReader, measurement: str, name: str) -> Field | None:
    field = db.names.field(measurement, name)
    return None if field is None or field.text else field


def _bucket(every: float) -> str:
    """The beginning of the bucket that an instant is in."""
    width = bucket_micros(every)
    # SQLite's remainder is negative before 1970; the second remainder corrects that.
    return f"at - ((at % {width}) + {width}) % {width}"


def _listed(series: Sequence[int]) -> str:
    return ", ".join(map(str, series))


def _within(at: Micros) -> Micros:
    return max(_EVER[0], min(_EVER[1], at))
