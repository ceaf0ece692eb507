"""The store on InfluxDB: line protocol in, InfluxQL out, which 1.x, 2.x and 3.x all speak."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from operator import attrgetter
from typing import Any

from ward.adapters.influx_http import InfluxHttp, InfluxSettings
from ward.adapters.influx_lines import InfluxLines
from ward.clock import SECOND, Clock, Micros, SystemClock
from ward.errors import QueryRefused
from ward.ports.store import Curve, Event, Point

_LINES = 20_000  # a post; more at once is not faster
_EVER = (-9_223_372_036_854_775, 9_223_372_036_854_775)  # InfluxDB's own first and last instant
_LEARN_EVERY = 30.0


class InfluxStore:
    """One bucket. Every question has a lower and an upper bound in time, as InfluxQL wants it."""

    def __init__(self, settings: InfluxSettings, clock: Clock | None = None) -> None:
        self._http = InfluxHttp(settings)
        self._lines = InfluxLines()
        self._posting = threading.Lock()
        self._clock = clock or SystemClock()
        self._numbers: dict[str, tuple[float, list[str]]] = {}

    def write(self, points: Sequence[Point]) -> None:
        for first in range(0, len(points), _LINES):
            lines = self._lines.of(points[first : first + _LINES])
            with self._posting:  # lines of the next batch are made meanwhile
                self._http.write(lines)

    def curve(
        self, measurement: str, field: str, where: Mapping[str, str], start: Micros, end: Micros,
        every: float | None = None, limit: int = 20_000,
    ) -> Curve:  # fmt: skip
        if every is not None and round(every * SECOND) < 1:
            raise QueryRefused(f"a bucket of {every} s: at least a microsecond is wanted")
        if start >= end or not self._may_have(measurement, field, where):
            return _NOTHING
        f, tail = _name(field), ""
        what = f
        if every is not None:
            what = f"mean({f}), min({f}), max({f}), count({f})"
            tail = f" GROUP BY time({round(every * SECOND)}u) fill(none)"
        rows = self._rows(f"SELECT {what}", measurement, where, start, end, f"{tail} LIMIT {limit + 1}")
        if len(rows) > limit:
            raise QueryRefused(f"more than {limit} rows: ask for a shorter time or wider buckets")
        if not rows:
            return _NOTHING
        at, mean, *rest = zip(*rows, strict=True)
        mean = tuple(map(float, mean))
        if not rest:
            return Curve(at, mean, mean, mean, (1,) * len(at))
        return Curve(at, mean, tuple(map(float, rest[0])), tuple(map(float, rest[1])), rest[2])

    def last(self, measurement: str, field: str, where: Mapping[str, str], count: int) -> list[tuple[Micros, float]]:
        if count < 1 or not self._may_have(measurement, field, where):
            return []
        tail = f" ORDER BY time DESC LIMIT {count}"
        rows = self._rows(f"SELECT {_name(field)}", measurement, where, *_EVER, tail)
        return [(row[0], float(row[1])) for row in reversed(rows)]

    def latest(self, measurement: str, by: str, since: Micros) -> dict[str, dict[str, tuple[Micros, float]]]:
        fields = self._fields(measurement)
        if not fields:
            return {}
        tail = _where({}, since, _EVER[1]) + f" GROUP BY {_name(by)}"
        # One statement a field: `last` of several at once would lose each value's own instant.
        asked = [f"SELECT last({_name(field)}) FROM {_name(measurement)}{tail}" for field in fields]  # noqa: S608 - quoted
        found: dict[str, dict[str, tuple[Micros, float]]] = {}
        for field, result in zip(fields, self._http.query(*asked), strict=True):
            for series in result:
                if name := series.get("tags", {}).get(by):
                    at, value = series["values"][0]
                    found.setdefault(name, {})[field] = (at, float(value))
        return found

    def events(self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, limit: int) -> list[Event]:
        if limit < 1 or start >= end or "" in where.values():
            return []
        tail = f"{_where(where, start, end - 1)} GROUP BY * ORDER BY time DESC LIMIT {limit}"
        # The limit is of each series, hence once more below.
        (result,) = self._http.query(f"SELECT * FROM {_name(measurement)}{tail}")  # noqa: S608 - quoted
        return nlargest(limit, (event for series in result for event in _events(series)), key=attrgetter("at"))

    def close(self) -> None:
        self._http.close()

    def _rows(
        self, select: str, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, tail: str
    ) -> list[Sequence[Any]]:
        (result,) = self._http.query(f"{select} FROM {_name(measurement)}{_where(where, start, end - 1)}{tail}")
        return [row for series in result for row in series["values"] if row[1] is not None]

    def _may_have(self, measurement: str, field: str, where: Mapping[str, str]) -> bool:
        """Whether there is such a number field. To InfluxQL an empty tag is a missing one; here no series has it."""
        return "" not in where.values() and field in self._fields(measurement, field)

    def _fields(self, measurement: str, wanted: str = "") -> list[str]:
        """The number fields of a measurement, learnt now and then, and whenever one is wanted that is not known."""
        now = self._clock.monotonic()
        since, fields = self._numbers.get(measurement, (float("-inf"), []))
        if now - since >= _LEARN_EVERY or (wanted and wanted not in fields):
            (result,) = self._http.query(f"SHOW FIELD KEYS FROM {_name(measurement)}")
            fields = sorted({name for series in result for name, kind in series["values"] if kind == "float"})
            self._numbers[measurement] = (now, fields)
        return fields


_NOTHING = Curve((), (), (), (), ())
_QUOTED = str.maketrans({'"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n"})


def _name(text: str) -> str:
    """A quoted identifier of InfluxQL."""
    return f'"{_safe(text)}"'


def _safe(text: str) -> str:
    # What no stored name or tag can hold is replaced, so that it finds nothing instead of breaking the question.
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text).translate(_QUOTED)


def _where(where: Mapping[str, str], first: Micros, last: Micros) -> str:
    tags = "".join(f" AND {_name(name)} = '{_safe(value)}'" for name, value in where.items())
    return f" WHERE time >= {max(first, _EVER[0])}u AND time <= {min(last, _EVER[1])}u{tags}"


def _events(series: Mapping[str, Any]) -> Iterator[Event]:
    tags = {name: value for name, value in series.get("tags", {}).items() if value}
    names = series["columns"][1:]
    for at, *values in series["values"]:
        fields = {n: v if isinstance(v, str) else float(v) for n, v in zip(names, values, strict=True) if v is not None}
        yield Event(at, tags, fields)
