"""What no store takes, whatever the engine: checked in one place, so that all stores refuse alike."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isfinite

from ward.errors import StoreRefused
from ward.ids import printable
from ward.ports.store import Point, Series, Value
from ward.retention_policy import RetentionPolicy, default_policy

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)
# Controls, and lone surrogates, which have no bytes.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# In text of a field a line may break.
_UNSAFE_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@lru_cache(maxsize=100_000)
def check_series(series: Series) -> None:
    """Raises `StoreRefused` for a series no store can keep."""
    check_name(series.measurement)
    for name, value in series.tags:
        check_name(name)
        if not value or "\\" in value or _UNSAFE.search(value):
            raise StoreRefused(f"{series.measurement}: the tag {name} cannot be {printable(value)!r}")


@lru_cache(maxsize=10_000)
def check_name(name: str) -> None:
    """Raises `StoreRefused` for what cannot name a measurement, a tag or a field."""
    if not _NAME.fullmatch(name):
        raise StoreRefused(f"{printable(name)!r} cannot name a measurement, a tag or a field")


def check_numbers(point: Point, values: Sequence[Value]) -> None:
    """Raises `StoreRefused` for an infinite number or one that is none. Texts are looked at too."""
    for name, value in zip(point.fields, values, strict=True):
        if isinstance(value, str):
            if _UNSAFE_TEXT.search(value):
                raise StoreRefused(f"{point.series.measurement}: the text {name} holds control characters")
        elif not isinstance(value, int | float) or not isfinite(value):
            raise StoreRefused(f"{point.series.measurement}: {name} is {printable(str(value))}, no finite number")


def placed(points: Sequence[Point], policy: RetentionPolicy | None) -> Mapping[RetentionPolicy, Sequence[Point]]:
    """Points by the policy they go to, the order within each kept."""
    if policy is not None:
        return {policy: points}
    homes = {measurement: default_policy(measurement) for measurement in {point.series.measurement for point in points}}
    found = sorted(set(homes.values()))
    if len(found) < 2:
        return dict.fromkeys(found, points)
    return {where: [p for p in points if homes[p.series.measurement] is where] for where in found}
