"""Points as InfluxDB's line protocol, one string for each batch.

Built here because the client library's `Point` is fourteen times as slow, and it does not escape a plain string.
msgspec writes the numbers of a whole batch: its JSON, `{"heart_rate":72.0,"spo2":97.5}`, is almost line protocol.
"""

import re
from collections.abc import Sequence
from math import isfinite
from typing import Any

import msgspec

from ward.adapters.point_checks import check_name, check_numbers, check_series
from ward.errors import StoreRefused
from ward.ports.point_columns import Fields, PointColumns
from ward.ports.store import Point, Series, Value

# Matches a value that is not a number: then each line of the batch is written and checked alone.
_NOT_A_NUMBER = re.compile(rb":[^-0-9]").search
_SIGNS = bytes.maketrans(b":", b"=")
_TAG = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
_TEXT = str.maketrans({'"': '\\"', "\\": "\\\\"})
_MOST = 200_000
_AT_ONCE = 1000  # points, few enough for a processor's cache

Shape = tuple[str, ...] | type[Any]


class LineProtocol:
    """Converts points to lines. It caches the start of each series' lines, and which sets of fields are all numbers."""

    def __init__(self) -> None:
        self._series: dict[Series, str] = {}
        self._numbers: dict[Shape, bool] = {}
        self._encode = msgspec.json.Encoder().encode

    def of(self, points: Sequence[Point]) -> str:
        """Lines with nanoseconds, each ended by a line break. Raises `StoreRefused` for points that have no line."""
        columns = PointColumns.of(points)
        return "".join(self._of(columns[i : i + _AT_ONCE]) for i in range(0, len(columns), _AT_ONCE))

    def _of(self, points: PointColumns) -> str:
        quick, slow = self._split(points)
        written = self._written(quick.fields)
        if written is None:
            return "".join(map(self._checked_line, points))
        known = self._series
        starts = [known.get(series) or self._start(series) for series in quick.series]
        # Without a suffix a number is a float to InfluxDB, `72` too.
        lines = [f"{start}{text} {at}000\n" for start, text, at in zip(starts, written, quick.at, strict=True)]
        lines.extend(map(self._checked_line, slow))
        return "".join(lines)

    def _split(self, points: PointColumns) -> tuple[PointColumns, Sequence[Point]]:
        """(points of numbers only, as far as is known, all others)."""
        known = self._numbers
        if all(map(known.get, set(map(type, points.fields)))):
            return points, ()
        quick = [self._all_numbers(fields) for fields in points.fields]
        if all(quick):
            return points, ()
        return points.chosen(quick), list(points.chosen([not numbers for numbers in quick]))

    def _written(self, fields: Sequence[Fields]) -> list[str] | None:
        """The fields of each point; None when not all values are numbers."""
        if not fields:
            return []
        try:
            text = self._encode(fields)
        except TypeError:
            return None
        if _NOT_A_NUMBER(text):
            return None
        written = text.translate(_SIGNS, b'"')[2:-2].decode("ascii").split("},{")
        return None if "" in written else written

    def _checked_line(self, point: Point) -> str:
        if not point.fields:
            raise StoreRefused(f"{point.series.measurement}: a point without any field")
        check_numbers(point, tuple(point.fields.values()))
        for name in point.fields:
            check_name(name)
        fields = ",".join(f"{name}={_value(value)}" for name, value in point.fields.items())
        return f"{self._start(point.series)}{fields} {point.at}000\n"

    def _start(self, series: Series) -> str:
        found = self._series.get(series)
        if found is None:
            check_series(series)
            if len(self._series) > _MOST:
                self._series.clear()
            tags = "".join(f",{name}={value.translate(_TAG)}" for name, value in series.tags)
            found = self._series[series] = f"{series.measurement}{tags} "
        return found

    def _all_numbers(self, fields: Fields) -> bool:
        """Whether fields of this shape are all numbers, by the first example of the shape."""
        shape = type(fields) if isinstance(fields, msgspec.Struct) else tuple(fields)
        known = self._numbers.get(shape)
        return self._inspect(shape, fields) if known is None else known

    def _inspect(self, shape: Shape, fields: Fields) -> bool:
        if len(self._numbers) > _MOST:
            self._numbers.clear()
        if isinstance(fields, msgspec.Struct):
            names = [field.encode_name for field in msgspec.structs.fields(fields)]
            found = True
        else:
            names = list(fields)
            found = bool(names) and not any(isinstance(value, str) for value in fields.values())
        for name in names:
            check_name(name)
        self._numbers[shape] = found
        return found


def _value(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value.translate(_TEXT)}"'
    number = float(value)
    assert isfinite(number)
    return repr(number)
