"""The newest value of each field of each series, from a SQLite file."""

from collections.abc import Iterator, Sequence

from ward.adapters.sqlite.names import Field, StoreReader
from ward.adapters.sqlite.points import SLOT
from ward.clock import Micros


def newest(db: StoreReader, measurement: str, since: Micros) -> Iterator[tuple[int, str, Micros, float]]:
    """(series, field, instant, value) from each newest row; older rows for fields that it does not have."""
    number = db.names.measurements.get(measurement)
    fields = [field for field in db.names.fields.get(number or 0, {}).values() if not field.text]
    if not fields:
        return
    table, columns = db.names.table(measurement), ", ".join(f"row.{field.column}" for field in fields)
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
        yield from _older(db, table, fields, {row[0] for row in rows}, there, since)


def _older(
    db: StoreReader, table: str, fields: Sequence[Field], series: set[int], there: set[tuple[int, int]], since: Micros
) -> Iterator[tuple[int, str, Micros, float]]:
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
