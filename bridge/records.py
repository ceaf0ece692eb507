"""Records of the log as points: decoded, and made into what the store keeps of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from ward.errors import WireError
from ward.ports import Point, PointColumns
from ward.wire import Wire

T = TypeVar("T", bound=msgspec.Struct)


class Unreadable(NamedTuple):
    """A record that is no message, and why."""

    value: bytes
    error: WireError


class Records(Generic[T]):
    """Those of one topic."""

    def __init__(self, wire: Wire[T], make: Callable[[T], Iterable[Point]]) -> None:
        self._wire = wire
        self._make = make

    def add(self, values: Sequence[bytes], points: PointColumns) -> Iterator[Unreadable]:
        """Add what they become to `points`, in the order of the log. Gives those that cannot be read."""
        for value, message in zip(values, self._wire.decode_many(values), strict=True):
            if isinstance(message, WireError):
                yield Unreadable(value, message)
            else:
                points.extend(self._make(message))
