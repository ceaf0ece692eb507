"""Readings of vital signs only → points, in a third of the time that any reading takes.

    record ─▶ vital signs and nothing else? ─ yes ─▶ a column of structs ─▶ one JSON of all of them ─▶ lines
                                            └ no ──▶ Reading ─▶ Point ─▶ …

Where every value is a vital sign, the values are decoded into a struct of floats instead of a dict, and no object is
made for the point.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import msgspec

from bridge.store_points.readings import ReadingPoints, has_telemetry
from bridge.store_points.topic_points import TopicPoints, Unreadable
from ward.errors import WireError
from ward.ports import PointColumns
from ward.reading import Reading
from ward.wire import READING_WIRE, Wire


class FastPath:
    """Records of readings as points. The result is the same as that of `ReadingPoints` for each record.

    `vitals` are the names of the vital signs.
    """

    def __init__(self, reading_points: ReadingPoints, vitals: Iterable[str]) -> None:
        self._reading_points = reading_points
        self._slow_path = TopicPoints(READING_WIRE, reading_points.points)
        values = _values_struct(vitals)
        self._no_values: object = values()
        self._wire = Wire(_reading_struct(values))

    def add(self, values: Sequence[bytes], points: PointColumns) -> Iterator[Unreadable]:
        """Append their points to `points`, in the order of the log. Yields the records that cannot be decoded."""
        series_of, no_values = self._reading_points.series, self._no_values
        series, at, fields = points.series.append, points.at.append, points.fields.append
        for value, reading in zip(values, self._wire.decode_many(values), strict=True):
            if isinstance(reading, WireError) or has_telemetry(reading) or reading.values == no_values:
                yield from self._slow_path.add((value,), points)
            else:
                series(series_of(reading).vitals)
                at(reading.at)
                fields(reading.values)


def _reading_struct(values: type[msgspec.Struct]) -> type[Reading]:
    """A `Reading` whose values are such a struct, without an empty dict for implausible values that are missing."""
    implausible = ("implausible", dict[str, float] | msgspec.UnsetType, msgspec.UNSET)
    return cast(type[Reading], msgspec.defstruct("Reading", [("values", values), implausible], bases=(Reading,)))


def _values_struct(names: Iterable[str]) -> type[msgspec.Struct]:
    """A struct in which each of these names may have a number, and no other name may occur."""
    fields = {f"f{i}": name for i, name in enumerate(names)}  # a signal's name need not be a Python identifier
    return msgspec.defstruct(
        "Values", [(field, float | msgspec.UnsetType, msgspec.UNSET) for field in fields],
        rename=fields, forbid_unknown_fields=True, gc=False,
    )  # fmt: skip
