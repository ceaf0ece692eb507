"""Points as InfluxDB's line protocol, one joined string a batch.

Built here because the client library's own `Point` costs fourteen times as much, and a plain string
given to it is not escaped at all. Numbers are written by msgspec, all of a batch in one go: its
JSON of the fields, `{"heart_rate":72.0,"spo2":97.5}`, is line protocol but for a few signs.
"""

import re
from collections.abc import Sequence
from math import isfinite

import msgspec

from ward.adapters.points import check_name, check_numbers, check_series
from ward.errors import StoreRefused
from ward.ports.store import Point, Series, Value

# What shows that a value is no number after all: then all of the batch is written with care.
_ODD = re.compile(rb":[^-0-9]").search
_SIGNS = bytes.maketrans(b":", b"=")
_TAG = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
_TEXT = str.maketrans({'"': '\\"', "\\": "\\\\"})
_MOST = 200_000


class InfluxLines:
    """Remembers the beginning of each series' lines, and which sets of fields are all numbers."""

    def __init__(self) -> None:
        self._series: dict[Series, str] = {}
        self._numbers: dict[tuple[str, ...], bool] = {}
        self._encode = msgspec.json.Encoder().encode

    def of(self, points: Sequence[Point]) -> str:
        """Lines with nanoseconds, the last one ended too. Raises `StoreRefused` for what has no line."""
        series, numbers = self._series, self._numbers
        starts: list[str] = []
        quick: list[Point] = []
        slow: list[Point] = []
        for point in points:
            which, _, fields = point
            names = tuple(fields)
            if numbers[names] if names in numbers else self._all_numbers(names, point):
                starts.append(series.get(which) or self._start(which))
                quick.append(point)
            else:
                slow.append(point)
        written = self._written(quick)
        if written is None:
            return "".join(map(self._slowly, points))
        # Without a suffix a number is a float to InfluxDB, `72` too.
        lines = [f"{start}{w} {p.at}000\n" for start, w, p in zip(starts, written, quick, strict=True)]
        lines.extend(map(self._slowly, slow))
        return "".join(lines)

    def _written(self, points: Sequence[Point]) -> list[str] | None:
        """The fields of each point; None when not all values are numbers."""
        if not points:
            return []
        try:
            text = self._encode([point.fields for point in points])
        except TypeError:
            return None
        if _ODD(text):
            return None
        return text.translate(_SIGNS, b'"')[2:-2].decode("ascii").split("},{")

    def _slowly(self, point: Point) -> str:
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

    def _all_numbers(self, names: tuple[str, ...], point: Point) -> bool:
        """Whether such fields are numbers, as far as the first such point tells."""
        for name in names:
            check_name(name)
        if len(self._numbers) > _MOST:
            self._numbers.clear()
        found = bool(names) and not any(isinstance(value, str) for value in point.fields.values())
        self._numbers[names] = found
        return found


def _value(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value.translate(_TEXT)}"'
    number = float(value)
    assert isfinite(number)
    return repr(number)
