"""Columns of series from the SQLite store."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ward.adapters.sqlite.names import Field, StoreReader
from ward.clock import Micros
from ward.errors import QueryRefused
from ward.ports.series_columns import SeriesColumns


def series_columns(
    db: StoreReader, measurement: str, chosen: Callable[[Mapping[str, str]], bool], start: Micros, end: Micros,
    limit: int,
) -> list[SeriesColumns]:  # fmt: skip
    """The series with tags that are `chosen`. Raises `QueryRefused` for more than `limit` points."""
    found: list[SeriesColumns] = []
    left = limit
    for number in db.names.matching(measurement, {}):
        tags = db.names.tags[number]
        fields = _number_fields(db, measurement, number) if chosen(tags) else []
        if not fields:
            continue
        names = ", ".join(["at", *(field.column for field in fields)])
        rows = db.execute(
            f"SELECT {names} FROM {db.names.table(measurement)} WHERE series = ? AND at >= ? AND at < ? "
            "ORDER BY at LIMIT ?",
            (number, start, end, left + 1),
        ).fetchall()
        left -= len(rows)
        if left < 0:
            raise QueryRefused(f"more than {limit} rows: ask for a shorter time")
        if rows and len((columns := _columns(tags, fields, rows)).at):
            found.append(columns)
    return found


def _number_fields(db: StoreReader, measurement: str, series: int) -> list[Field]:
    """The number fields that a series has."""
    seen = {number for (number,) in db.execute("SELECT field FROM seen WHERE series = ?", (series,)).fetchall()}
    fields = db.names.fields[db.names.measurements[measurement]].values()
    return [field for field in fields if field.number in seen and not field.text]


def _columns(tags: Mapping[str, str], fields: Sequence[Field], rows: Sequence[tuple[Any, ...]]) -> SeriesColumns:
    import numpy as np

    at = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    values = np.array(rows, dtype=np.float64)[:, 1:]  # None is NaN
    there = ~np.isnan(values).all(axis=1)  # a point may have texts alone
    if not there.all():
        at, values = at[there], values[there]
    return SeriesColumns(tags, at, {field.name: values[:, i] for i, field in enumerate(fields)})
