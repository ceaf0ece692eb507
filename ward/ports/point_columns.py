"""Many points as columns, without an object for each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import overload

import msgspec

from ward.clock import Micros
from ward.ports.store import Point, Series, Value

Fields = Mapping[str, Value] | msgspec.Struct


class PointColumns(Sequence[Point]):
    """Points as columns of equal length: `series[i]`, `at[i]` and `fields[i]` are one point.

    Fields are a mapping, as in a `Point`, or a msgspec struct of floats, with `UNSET` for missing ones, which is three
    times as fast to decode. The points of an iteration or an index always have a mapping.
    """

    __slots__ = ("at", "fields", "series")

    def __init__(self, series: Iterable[Series] = (), at: Iterable[Micros] = (), fields: Iterable[Fields] = ()) -> None:
        self.series, self.at, self.fields = list(series), list(at), list(fields)

    @classmethod
    def of(cls, points: Sequence[Point]) -> "PointColumns":
        """The same points as columns; a `PointColumns` is returned as it is."""
        return points if isinstance(points, PointColumns) else cls(*zip(*points, strict=True))

    def extend(self, points: Iterable[Point]) -> None:
        """Append points."""
        for series, at, fields in points:
            self.series.append(series)
            self.at.append(at)
            self.fields.append(fields)

    def chosen(self, which: Sequence[bool]) -> "PointColumns":
        """The points for which `which` is true, in their order."""
        return PointColumns(compress(self.series, which), compress(self.at, which), compress(self.fields, which))

    def __len__(self) -> int:
        return len(self.series)

    def __iter__(self) -> Iterator[Point]:
        return map(Point, self.series, self.at, map(_mapping, self.fields))

    @overload
    def __getitem__(self, which: int) -> Point: ...
    @overload
    def __getitem__(self, which: slice) -> "PointColumns": ...
    def __getitem__(self, which: int | slice) -> "Point | PointColumns":
        if isinstance(which, slice):
            return PointColumns(self.series[which], self.at[which], self.fields[which])
        return Point(self.series[which], self.at[which], _mapping(self.fields[which]))


def _mapping(fields: Fields) -> Mapping[str, Value]:
    if isinstance(fields, msgspec.Struct):
        plain: dict[str, Value] = msgspec.to_builtins(fields)
        return plain
    return fields
