"""Checks of points, the same for all stores."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isfinite

from ward.errors import StoreRefused
from ward.ids import printable
from ward.ports.point_columns import PointColumns
from ward.ports.store import Point, Series, Value
from ward.retention_policy import RetentionPolicy, default_policy

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)
# Control characters, and lone surrogates, which cannot be encoded.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# The text of a field may contain line breaks and tabs.
_UNSAFE_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@lru_cache(maxsize=100_000)
def check_series(series: Series) -> None:
    """Raises `StoreRefused` for a series that no store accepts."""
    check_name(series.measurement)
    for name, value in series.tags:
        check_name(name)
        if not value or "\\" in value or _UNSAFE.search(value):
            raise StoreRefused(f"{series.measurement}: the tag {name} cannot be {printable(value)!r}")


@lru_cache(maxsize=10_000)
def check_name(name: str) -> None:
    """Raises `StoreRefused` for text that is not a name of a measurement, tag or field."""
    if not _NAME.fullmatch(name):
        raise StoreRefused(f"{printable(name)!r} cannot name a measurement, a tag or a field")


def check_numbers(point: Point, values: Sequence[Value]) -> None:
    """Raises `StoreRefused` for a number that is not finite, and for text with control characters."""
    for name, value in zip(point.fields, values, strict=True):
        if isinstance(value, str):
            if _UNSAFE_TEXT.search(value):
                raise StoreRefused(f"{point.series.measurement}: the text {name} holds control characters")
        elif not isinstance(value, int | float) or not isfinite(value):
            raise StoreRefused(f"{point.series.measurement}: {name} is {printable(str(value))}, no finite number")


def by_policy(points: Sequence[Point], policy: RetentionPolicy | None) -> Mapping[RetentionPolicy, Sequence[Point]]:
    """Points by their policy, in the same order within each."""
    if policy is not None:
        return {policy: points}
    columns = PointColumns.of(points)
    measurements = [series.measurement for series in columns.series]
    homes = {measurement: default_policy(measurement) for measurement in set(measurements)}
    found = sorted(set(homes.values()))
    if len(found) < 2:
        return dict.fromkeys(found, columns)
    return {where: columns.chosen([homes[name] is where for name in measurements]) for where in found}
