"""Summaries of raw readings from a SQLite file, by a scan of the index for each series."""

from collections.abc import Iterator, Mapping

from ward.adapters.aggregation import summarised
from ward.adapters.sqlite.names import StoreReader
from ward.clock import Micros
from ward.ports.store import RollupBucket, Series


def summaries(
    db: StoreReader, measurement: str, where: Mapping[str, str], span: tuple[Micros, Micros], width: Micros
) -> Iterator[RollupBucket]:
    """The summaries of each series over `span`, [start, end), in buckets of `width` microseconds."""
    names = db.names
    series = names.matching(measurement, where)
    if not series:
        return
    number = names.measurements[measurement]
    fields = [field for field in names.fields[number].values() if not field.text]
    columns = ", ".join(["at", *(field.column for field in fields)])
    sql = f"SELECT {columns} FROM m{number} WHERE series = ? AND at >= ? AND at < ? ORDER BY at"
    for one in series:
        if rows := db.execute(sql, (one, *span)).fetchall():
            of = Series.of(measurement, **names.tags[one])
            yield from summarised(of, [field.name for field in fields], rows, width)
