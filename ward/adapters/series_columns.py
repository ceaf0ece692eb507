"""Rows of a store as columns, for stores that return rows."""

from collections.abc import Iterable, Sequence

from ward.ports.series_columns import SeriesColumns
from ward.ports.store import Row


def columns_of_rows(rows: Iterable[Row]) -> list[SeriesColumns]:
    """The number fields of rows, by series; a row without any is left out."""
    by_series: dict[tuple[tuple[str, str], ...], list[Row]] = {}
    for row in rows:
        if any(not isinstance(value, str) for value in row.fields.values()):
            by_series.setdefault(tuple(sorted(row.tags.items())), []).append(row)
    return [_columns(sorted(found, key=lambda row: row.at)) for found in by_series.values()]


def _columns(rows: Sequence[Row]) -> SeriesColumns:
    import numpy as np

    names = sorted({name for row in rows for name, value in row.fields.items() if not isinstance(value, str)})
    at = np.array([row.at for row in rows], dtype=np.int64)
    fields = {name: np.array([row.fields.get(name, np.nan) for row in rows], dtype=np.float64) for name in names}
    return SeriesColumns(rows[0].tags, at, fields)
