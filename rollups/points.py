"""Summaries as points of a roll-up, and minutes combined to hours."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from ward.clock import SECOND, Micros
from ward.ports import Point, RollupBucket, Row, Series, Summary
from ward.ports.store import Value
from ward.retention_policy import HOUR, ROLLUP_PARTS

HOURS: Micros = round(HOUR) * SECOND
# A signal with such a name would collide with a part of another signal: `x_min` with the minimum of `x`.
_RESERVED = re.compile(rf".*_({'|'.join(ROLLUP_PARTS)})")


def point(rolled: RollupBucket) -> Point | None:
    """The point of a roll-up: each field's mean under its own name, and its other parts. None when no field is left."""
    fields: dict[str, Value] = {}
    for name, of in rolled.fields.items():
        if parts := _parts(name):
            low, high, count, last = parts
            fields[name] = of.mean
            fields[low], fields[high], fields[count], fields[last] = of.low, of.high, float(of.count), of.last
    return Point(rolled.series, rolled.at, fields) if fields else None


@lru_cache(10_000)
def _parts(name: str) -> tuple[str, ...]:
    """The names of a field's parts; none where the name could be that of a part of another field."""
    return () if _RESERVED.fullmatch(name) else tuple(f"{name}_{part}" for part in ROLLUP_PARTS)


def combine_to_hours(measurement: str, minutes: Iterable[Row]) -> list[RollupBucket]:
    """Points of minutes, in any order, combined by series and hour."""
    found: dict[tuple[Series, Micros], list[Row]] = {}
    for minute in minutes:
        of = Series.of(measurement, **minute.tags)
        found.setdefault((of, minute.at - minute.at % HOURS), []).append(minute)
    return [
        RollupBucket(series, at, _merged_fields(sorted(of_hour, key=lambda minute: minute.at)))
        for (series, at), of_hour in found.items()
    ]


def _merged_fields(minutes: Sequence[Row]) -> Mapping[str, Summary]:
    """The summaries of all fields. `minutes` are oldest first, which decides the `last` value."""
    parts: dict[str, list[Mapping[str, Value]]] = {}
    for minute in minutes:
        for name in minute.fields:
            # A field without parts, written by another program, is left out: it must not stop the roll-up.
            if (own := _parts(name)) and all(part in minute.fields for part in own):
                parts.setdefault(name, []).append(minute.fields)
    return {name: _merged(name, found) for name, found in parts.items()}


def _merged(name: str, minutes: Sequence[Mapping[str, Value]]) -> Summary:
    counts = [int(m[f"{name}_count"]) for m in minutes]
    count = sum(counts)
    low = min(float(m[f"{name}_min"]) for m in minutes)
    high = max(float(m[f"{name}_max"]) for m in minutes)
    # Divided first: a sum of very large means would overflow.
    mean = sum(float(m[name]) * (n / count) for m, n in zip(minutes, counts, strict=True))
    return Summary(min(max(mean, low), high), low, high, count, float(minutes[-1][f"{name}_last"]))
