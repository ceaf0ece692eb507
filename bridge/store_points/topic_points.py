"""Records of one topic of the log → points of the store."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from ward.errors import WireError
from ward.ports import Point, PointColumns
from ward.wire import Wire

T = TypeVar("T", bound=msgspec.Struct)


class Unreadable(NamedTuple):
    """A record that cannot be decoded, and why."""

    value: bytes
    error: WireError


class TopicPoints(Generic[T]):
    """Decodes records of one topic with `wire`, and makes points of each with `make`."""

    def __init__(self, wire: Wire[T], make: Callable[[T], Iterable[Point]]) -> None:
        self._wire = wire
        self._make = make

    def add(self, values: Sequence[bytes], points: PointColumns) -> Iterator[Unreadable]:
        """Append their points to `points`, in the order of the log. Yields the records that cannot be decoded."""
        for value, record in zip(values, self._wire.decode_many(values), strict=True):
            if isinstance(record, WireError):
                yield Unreadable(value, record)
            else:
                points.extend(self._make(record))
