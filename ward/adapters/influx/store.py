"""The store on InfluxDB: written by line protocol, read by InfluxQL, which 1.x, 2.x and 3.x support."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import nlargest
from operator import attrgetter
from typing import Any

from ward.adapters.aggregation import bucket_micros, summarised
from ward.adapters.influx.http import InfluxHttp, InfluxSettings
from ward.adapters.influx.influxql import EVER, name, where_clause
from ward.adapters.influx.line_protocol import LineProtocol
from ward.adapters.point_checks import by_policy
from ward.adapters.rollup_curve import NOTHING, query_range
from ward.adapters.series_columns import columns_of_rows
from ward.clock import Clock, Micros, SystemClock
from ward.errors import QueryRefused
from ward.ports.series_columns import SeriesColumns
from ward.ports.store import Curve, Point, RollupBucket, Row, Series
from ward.retention_policy import RetentionPolicy, default_policy

_LINES = 20_000  # a post; more at once is not faster
_FIELDS_CACHED_FOR = 30.0


class InfluxStore:
    """Port `Store` on InfluxDB: a bucket, and one more for each other policy.

    Every query has a lower and an upper bound in time, as InfluxQL requires.
    """

    def __init__(self, settings: InfluxSettings, clock: Clock | None = None) -> None:
        self._http = InfluxHttp(settings)
        self._lines = LineProtocol()
        self._clock = clock or SystemClock()
        self._numbers: dict[str, tuple[float, list[str]]] = {}

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        for where, found in by_policy(points, policy).items():
            for first in range(0, len(found), _LINES):
                self._http.write(self._lines.of(found[first : first + _LINES]), where)

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
        if start >= end or not self._has_number_field(measurement, field, where, policy):
            return NOTHING
        f, tail = name(field), ""
        what = f
        if every is not None:
            what = f"mean({f}), min({f}), max({f}), count({f})"
            tail = f" GROUP BY time({bucket_micros(every)}u) fill(none)"
        source = _from(measurement, policy)
        return self._curve(f"SELECT {what} FROM {source}{where_clause(where, start, end - 1)}{tail}", limit)  # noqa: S608

    def query_rollups(
        self, measurement: str, field: str, where: Mapping[str, str], start: Micros, end: Micros, every: float,
        limit: int, policy: RetentionPolicy,
    ) -> Curve:  # fmt: skip
        if start >= end or not self._has_number_field(measurement, f"{field}_count", where, policy):
            return NOTHING
        mean, low, high, count = (name(f"{field}{part}") for part in ("", "_min", "_max", "_count"))
        span = where_clause(where, start, end - 1)
        points = (
            f"SELECT {mean} * {count} AS s, {low} AS l, {high} AS h, {count} AS n "  # noqa: S608 - quoted
            f"FROM {_from(measurement, policy)}{span}"
        )
        bounds = where_clause({}, start, end - 1)
        tail = f"{bounds} GROUP BY time({bucket_micros(every)}u) fill(none)"
        return self._curve(f"SELECT sum(s) / sum(n), min(l), max(h), sum(n) FROM ({points}){tail}", limit)  # noqa: S608

    def last(
        self, measurement: str, field: str, where: Mapping[str, str], count: int, policy: RetentionPolicy | None = None
    ) -> list[tuple[Micros, float]]:
        if count < 1 or not self._has_number_field(measurement, field, where, policy):
            return []
        tail = f"{where_clause(where, *EVER)} ORDER BY time DESC LIMIT {count}"
        rows = self._values(f"SELECT {name(field)} FROM {_from(measurement, policy)}{tail}")  # noqa: S608 - quoted
        return [(row[0], float(row[1])) for row in reversed(rows)]

    def latest(self, measurement: str, by: str, since: Micros) -> dict[str, dict[str, tuple[Micros, float]]]:
        fields = self._fields(measurement, None)
        if not fields:
            return {}
        source, tail = _from(measurement, None), f"{where_clause({}, since, EVER[1])} GROUP BY {name(by)}"
        # One statement for each field: `last` of several fields returns no instants of their values.
        asked = [f"SELECT last({name(field)}) FROM {source}{tail}" for field in fields]  # noqa: S608 - quoted
        found: dict[str, dict[str, tuple[Micros, float]]] = {}
        for field, result in zip(fields, self._http.query(*asked), strict=True):
            for series in result:
                if of := series.get("tags", {}).get(by):
                    at, value = series["values"][0]
                    found.setdefault(of, {})[field] = (at, float(value))
        return found

    def rows(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, limit: int,
        policy: RetentionPolicy | None = None,
    ) -> list[Row]:  # fmt: skip
        if limit < 1 or start >= end or "" in where.values():
            return []
        tail = f"{where_clause(where, start, end - 1)} GROUP BY * ORDER BY time DESC LIMIT {limit}"
        # InfluxDB applies the limit to each series, so it is applied again below.
        (result,) = self._http.query(f"SELECT * FROM {_from(measurement, policy)}{tail}")  # noqa: S608 - quoted
        return nlargest(limit, (row for series in result for row in _rows_of(series)), key=attrgetter("at"))

    def columns(
        self, measurement: str, chosen: Callable[[Mapping[str, str]], bool], start: Micros, end: Micros, limit: int
    ) -> list[SeriesColumns]:
        if start >= end:
            return []
        tail = f"{where_clause({}, start, end - 1)} GROUP BY * LIMIT {limit + 1}"
        (result,) = self._http.query(f"SELECT * FROM {_from(measurement, None)}{tail}")  # noqa: S608 - quoted
        rows = [row for series in result if chosen(_tags_of(series)) for row in _rows_of(series)]
        if len(rows) > limit:
            raise QueryRefused(f"more than {limit} rows: ask for a shorter time")
        return columns_of_rows(rows)

    def summaries(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, every: float
    ) -> list[RollupBucket]:
        width = bucket_micros(every)
        if start >= end or "" in where.values():
            return []
        tail = f"{where_clause(where, start, end - 1)} GROUP BY *"
        (result,) = self._http.query(f"SELECT * FROM {_from(measurement, None)}{tail}")  # noqa: S608 - quoted
        found: list[RollupBucket] = []
        for series in result:
            of = Series.of(measurement, **series.get("tags", {}))
            found.extend(summarised(of, series["columns"][1:], series["values"], width))
        return found

    def fields(self, policy: RetentionPolicy) -> dict[str, dict[str, str]]:
        """measurement → field → its type, as InfluxDB names it. For administration."""
        # All measurements of a policy can only be named by a pattern.
        source = "/.*/" if policy is RetentionPolicy.AUTOGEN else f"{name(policy)}./.*/"
        (result,) = self._http.query(f"SHOW FIELD KEYS FROM {source}")
        return {series["name"]: {field: kind for field, kind in series["values"]} for series in result}  # noqa: C416

    def problem(self) -> str:
        return ""  # its errors come with each request

    def close(self) -> None:
        self._http.close()

    def _curve(self, select: str, limit: int) -> Curve:
        rows = self._values(f"{select} LIMIT {limit + 1}")
        if len(rows) > limit:
            raise QueryRefused(f"more than {limit} rows: ask for a shorter time or wider buckets")
        if not rows:
            return NOTHING
        at, mean, *rest = zip(*rows, strict=True)
        mean = tuple(map(float, mean))
        if not rest:
            return Curve(at, mean, mean, mean, (1,) * len(at))
        low, high, count = rest
        return Curve(at, mean, tuple(map(float, low)), tuple(map(float, high)), tuple(map(int, count)))

    def _values(self, select: str) -> list[Sequence[Any]]:
        (result,) = self._http.query(select)
        return [row for series in result for row in series["values"] if row[1] is not None]

    def _has_number_field(
        self, measurement: str, field: str, where: Mapping[str, str], policy: RetentionPolicy | None
    ) -> bool:
        """Whether there is such a number field. InfluxQL reads an empty tag as a missing one; here it matches none."""
        return "" not in where.values() and field in self._fields(measurement, policy, field)

    def _fields(self, measurement: str, policy: RetentionPolicy | None, wanted: str = "") -> list[str]:
        """The number fields of a measurement; queried again after 30 s, and for an unknown `wanted` field."""
        now, source = self._clock.monotonic(), _from(measurement, policy)
        since, fields = self._numbers.get(source, (float("-inf"), []))
        if now - since >= _FIELDS_CACHED_FOR or (wanted and wanted not in fields):
            (result,) = self._http.query(f"SHOW FIELD KEYS FROM {source}")
            fields = sorted({field for series in result for field, kind in series["values"] if kind == "float"})
            self._numbers[source] = (now, fields)
        return fields


def _from(measurement: str, policy: RetentionPolicy | None) -> str:
    """A measurement with its policy; that of raw readings is the default policy, whatever its name."""
    where = policy or default_policy(measurement)
    return name(measurement) if where is RetentionPolicy.AUTOGEN else f"{name(where)}.{name(measurement)}"


def _tags_of(series: Mapping[str, Any]) -> dict[str, str]:
    return {tag: value for tag, value in series.get("tags", {}).items() if value}


def _rows_of(series: Mapping[str, Any]) -> Iterator[Row]:
    tags, names = _tags_of(series), series["columns"][1:]
    for at, *values in series["values"]:
        fields = {n: v if isinstance(v, str) else float(v) for n, v in zip(names, values, strict=True) if v is not None}
        yield Row(at, tags, fields)
