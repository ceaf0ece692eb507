"""Plain readings as points, by a way three times as short as that of all others.

    record ─▶ vital signs and nothing else? ─ yes ─▶ a column of structs ─▶ one JSON of all of them ─▶ lines
                                            └ no ──▶ Reading ─▶ Point ─▶ …

Where every value is a vital sign, the values are a struct of floats and not a dict, and nothing is made for a point.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import msgspec

from bridge.points import ReadingPoints, is_odd
from bridge.records import Records, Unreadable
from ward.errors import WireError
from ward.ports import PointColumns
from ward.reading import Reading
from ward.wire import READING, Wire


class FastPath:
    """Records of readings as points: the plain ones by the short way, the others by that of `ReadingPoints`.

    What becomes of a record is the same on both.
    """

    def __init__(self, make: ReadingPoints, vitals: Iterable[str]) -> None:
        self._make = make
        self._all = Records(READING, make.points)
        kind = _floats(vitals)
        self._none: object = kind()
        self._wire = Wire(_reading(kind))

    def add(self, values: Sequence[bytes], points: PointColumns) -> Iterator[Unreadable]:
        """Add what they become to `points`, in the order of the log. Gives those that cannot be read."""
        where, nothing = self._make.where, self._none
        series, at, fields = points.series.append, points.at.append, points.fields.append
        for value, reading in zip(values, self._wire.decode_many(values), strict=True):
            if isinstance(reading, WireError) or is_odd(reading) or reading.values == nothing:
                yield from self._all.add((value,), points)
            else:
                series(where(reading).vitals)
                at(reading.at)
                fields(reading.values)


def _reading(values: type[msgspec.Struct]) -> type[Reading]:
    """A reading whose values are such a struct."""
    return cast(type[Reading], msgspec.defstruct("Reading", [("values", values)], bases=(Reading,)))


def _floats(names: Iterable[str]) -> type[msgspec.Struct]:
    """A struct in which each of these may be a number, and nothing else may be."""
    fields = {f"f{i}": name for i, name in enumerate(names)}  # a signal's name need not be one in Python
    return msgspec.defstruct(
        "Values", [(field, float | msgspec.UnsetType, msgspec.UNSET) for field in fields],
        rename=fields, forbid_unknown_fields=True, gc=False,
    )  # fmt: skip
