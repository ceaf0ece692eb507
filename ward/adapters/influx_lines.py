"""Points as InfluxDB's line protocol, one joined string a batch.

Built here because the client library's own `Point` costs fourteen times as much, and a plain string
given to it is not escaped at all.
"""

from collections.abc import Mapping, Sequence
from math import isfinite

from ward.adapters.points import check_name, check_numbers, check_series
from ward.errors import StoreRefused
from ward.ports.store import Point, Series, Value

# How values look that are neither a number nor refused by InfluxDB itself, as `nan` and `inf` are. Tags may
# hold the same letters: then the slow way decides.
_ODD = ("=True", "=False", "='", '="')
_TAG = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
_TEXT = str.maketrans({'"': '\\"', "\\": "\\\\"})
_MOST = 200_000


class InfluxLines:
    """Remembers the beginning of each series' lines, and the form of each set of fields."""

    def __init__(self) -> None:
        self._series: dict[Series, str] = {}
        self._forms: dict[tuple[str, ...], str] = {}

    def of(self, points: Sequence[Point]) -> str:
        """Lines with nanoseconds, the last one ended too. Raises `StoreRefused` for what has no line."""
        quick: list[str] = []
        slow: list[str] = []
        series, forms = self._series, self._forms
        for point in points:
            which, at, fields = point
            form = forms.get(names := tuple(fields))
            if form is None:
                form = self._form(names, fields)
            if not form:
                slow.append(self._slowly(point))
                continue
            start = series.get(which) or self._start(which)
            # Without a suffix it is a float to InfluxDB, `72` too.
            quick.append(f"{start}{form % tuple(fields.values())} {at}000\n")
        text = "".join(quick)
        if any(odd in text for odd in _ODD):
            return "".join(map(self._slowly, points))
        return text + "".join(slow)

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

    def _form(self, names: tuple[str, ...], fields: Mapping[str, Value]) -> str:
        """How such fields are written when all are numbers; empty when there are texts among them, or none at all."""
        for name in names:
            check_name(name)
        if len(self._forms) > _MOST:
            self._forms.clear()
        numbers = not any(isinstance(value, str) for value in fields.values())
        form = self._forms[names] = ",".join(f"{name}=%r" for name in names) if numbers else ""
        return form


def _value(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value.translate(_TEXT)}"'
    number = float(value)
    assert isfinite(number)
    return repr(number)
