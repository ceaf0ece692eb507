"""Summaries as points of a roll-up, and minutes put together to hours."""

import re
from collections.abc import Iterable, Mapping, Sequence

from ward.clock import SECOND, Micros
from ward.policy import HOUR, PARTS
from ward.ports import Event, Point, Rolled, Series, Summary
from ward.ports.store import Value

HOURS: Micros = round(HOUR) * SECOND
# A signal with such a name would stand where another's part belongs.
_TAKEN = re.compile(rf".*_({'|'.join(PARTS)})")


def point(rolled: Rolled) -> Point | None:
    """A roll-up's point: each field's mean under its own name, its parts beside it. None where nothing is left."""
    fields: dict[str, Value] = {}
    for name, of in rolled.fields.items():
        if not _TAKEN.fullmatch(name):
            fields[name] = of.mean
            fields[f"{name}_min"] = of.low
            fields[f"{name}_max"] = of.high
            fields[f"{name}_count"] = float(of.count)
            fields[f"{name}_last"] = of.last
    return Point(rolled.series, rolled.at, fields) if fields else None


def hours(measurement: str, minutes: Iterable[Event]) -> list[Rolled]:
    """Minutes, in any order, by series and hour."""
    found: dict[tuple[Series, Micros], list[Event]] = {}
    for minute in minutes:
        of = Series.of(measurement, **minute.tags)
        found.setdefault((of, minute.at - minute.at % HOURS), []).append(minute)
    return [
        Rolled(series, at, _joined(sorted(events, key=lambda event: event.at)))
        for (series, at), events in found.items()
    ]


def _joined(minutes: Sequence[Event]) -> Mapping[str, Summary]:
    """The oldest first: so the last is the last."""
    parts: dict[str, list[Mapping[str, Value]]] = {}
    for minute in minutes:
        for name in minute.fields:
            # A field without its parts is none of ours: whoever else wrote it must not stop all hours.
            if not _TAKEN.fullmatch(name) and all(f"{name}_{part}" in minute.fields for part in PARTS):
                parts.setdefault(name, []).append(minute.fields)
    return {name: _sum(name, found) for name, found in parts.items()}


def _sum(name: str, minutes: Sequence[Mapping[str, Value]]) -> Summary:
    counts = [int(m[f"{name}_count"]) for m in minutes]
    count = sum(counts)
    low = min(float(m[f"{name}_min"]) for m in minutes)
    high = max(float(m[f"{name}_max"]) for m in minutes)
    # Divided first: a sum of very large means would overflow.
    mean = sum(float(m[name]) * (n / count) for m, n in zip(minutes, counts, strict=True))
    return Summary(min(max(mean, low), high), low, high, count, float(minutes[-1][f"{name}_last"]))
