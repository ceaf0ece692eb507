"""The store in a SQLite file: durable, for one machine.

A table a measurement, a column a field (made when the first value comes), a row a series and
instant. Names of tables and columns are ids, checked before they become SQL; values are bound.
"""

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ward.adapters.sqlite import connect
from ward.clock import SECOND, Micros
from ward.errors import QueryRefused, StoreRefused, StoreUnavailable
from ward.ids import is_id
from ward.ports.store import Curve, Event, Point, Series


class SqliteStore:
    """One writer; any number of readers, in other processes too."""

    def __init__(self, path: Path) -> None:
        self._db = connect(path, durable=False)
        self._lock = threading.RLock()
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS series "
            "(id INTEGER PRIMARY KEY, measurement TEXT, tags TEXT, UNIQUE (measurement, tags))"
        )
        self._ids: dict[Series, int] = {}
        self._fields: dict[str, set[str]] = {}

    def write(self, points: Sequence[Point]) -> None:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                for point in points:
                    self._put(point)
                self._db.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._rollback()
                raise StoreUnavailable(str(error)) from error
            except BaseException:
                self._rollback()
                raise

    def curve(
        self, measurement: str, field: str, where: Mapping[str, str], start: Micros, end: Micros,
        every: float | None = None, limit: int = 20_000,
    ) -> Curve:  # fmt: skip
        bucket = f"at / {round(every * SECOND)} * {round(every * SECOND)}" if every else "at"
        rows = self._rows(
            measurement, field,
            f'SELECT {bucket}, avg("{field}"), min("{field}"), max("{field}"), count("{field}") FROM "{measurement}" '
            f'WHERE series IN ({self._which(measurement, where)}) AND at >= ? AND at < ? AND "{field}" IS NOT NULL '
            f"GROUP BY {bucket if every else 'at, series'} ORDER BY 1 LIMIT {limit + 1}",
            (start, end),
        )  # fmt: skip
        if len(rows) > limit:
            raise QueryRefused(f"more than {limit} rows: ask for a shorter time or wider buckets")
        at, mean, low, high, count = zip(*rows, strict=True) if rows else ((), (), (), (), ())
        return Curve(at, mean, low, high, count)

    def last(self, measurement: str, field: str, where: Mapping[str, str], count: int) -> list[tuple[Micros, float]]:
        rows = self._rows(
            measurement, field,
            f'SELECT at, "{field}" FROM "{measurement}" WHERE series IN ({self._which(measurement, where)}) '
            f'AND "{field}" IS NOT NULL ORDER BY at DESC LIMIT ?',
            (count,),
        )  # fmt: skip
        return [(row[0], row[1]) for row in reversed(rows)]

    def latest(self, measurement: str, by: str, since: Micros) -> dict[str, dict[str, tuple[Micros, float]]]:
        found: dict[str, dict[str, tuple[Micros, float]]] = {}
        with self._lock:
            names = {
                i: dict(json.loads(t))
                for i, t in self._db.execute("SELECT id, tags FROM series WHERE measurement=?", (measurement,))
            }
            for field in sorted(self._known(measurement)):
                rows = self._db.execute(
                    f'SELECT series, max(at), "{field}" FROM "{measurement}" '
                    f"WHERE at >= ? AND typeof(\"{field}\") = 'real' GROUP BY series",
                    (since,),
                )
                for series, at, value in rows:
                    if by in names[series]:
                        found.setdefault(names[series][by], {})[field] = (at, value)
        return found

    def events(self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, limit: int) -> list[Event]:
        with self._lock:
            if not self._known(measurement):
                return []
            cursor = self._db.execute(
                f'SELECT series.tags, "{measurement}".* FROM "{measurement}" JOIN series ON series.id = series '
                f"WHERE series IN ({self._which(measurement, where)}) AND at >= ? AND at < ? ORDER BY at DESC LIMIT ?",
                (start, end, limit),
            )
            names = [column[0] for column in cursor.description][3:]
            return [
                Event(
                    row[2],
                    dict(json.loads(row[0])),
                    {n: v for n, v in zip(names, row[3:], strict=True) if v is not None},
                )
                for row in cursor
            ]

    def close(self) -> None:
        self._db.close()

    def _rollback(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._ids.clear()
        self._fields.clear()

    def _put(self, point: Point) -> None:
        table = point.series.measurement
        names = list(point.fields)
        for name in names:
            self._column(table, name)
        columns = ", ".join(f'"{name}"' for name in names)
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in names)
        self._db.execute(
            f'INSERT INTO "{table}" (series, at, {columns}) VALUES (?, ?{", ?" * len(names)}) '
            f"ON CONFLICT (series, at) DO UPDATE SET {updates}",
            (self._series(point.series), point.at, *point.fields.values()),
        )

    def _series(self, series: Series) -> int:
        found = self._ids.get(series)
        if found is None:
            key = (series.measurement, json.dumps(series.tags))
            self._db.execute("INSERT OR IGNORE INTO series (measurement, tags) VALUES (?, ?)", key)
            row = self._db.execute("SELECT id FROM series WHERE measurement=? AND tags=?", key).fetchone()
            found = self._ids[series] = int(row[0])
        return found

    def _column(self, table: str, name: str) -> None:
        known = self._known(table)
        if name in known:
            return
        if not (is_id(table) and is_id(name)):
            raise StoreRefused(f"{table}.{name} cannot name a column")
        if not known:
            self._db.execute(
                f'CREATE TABLE IF NOT EXISTS "{table}" '
                "(series INTEGER, at INTEGER, PRIMARY KEY (series, at)) WITHOUT ROWID"
            )
        self._db.execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}"')
        known.add(name)

    def _known(self, table: str) -> set[str]:
        if table not in self._fields:
            rows = self._db.execute("SELECT name FROM pragma_table_info(?)", (table,))
            self._fields[table] = {name for (name,) in rows} - {"series", "at"}
        return self._fields[table]

    def _which(self, measurement: str, where: Mapping[str, str]) -> str:
        rows = self._db.execute("SELECT id, tags FROM series WHERE measurement=?", (measurement,))
        return ", ".join(str(i) for i, tags in rows if where.items() <= dict(json.loads(tags)).items())

    def _rows(self, measurement: str, field: str, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall() if field in self._known(measurement) else []
