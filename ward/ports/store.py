"""The store: a time-series memory. Everything a person looks at, and every long horizon, reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import msgspec

from ward.clock import Micros
from ward.retention_policy import RetentionPolicy

Value = float | str


class Series(NamedTuple):
    """A measurement with its tags, sorted by name; no tag is empty."""

    measurement: str
    tags: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, measurement: str, **tags: str) -> "Series":
        """Tags by keyword; empty ones are left out, since an empty tag is none."""
        return cls(measurement, tuple(sorted((k, v) for k, v in tags.items() if v)))


class Point(NamedTuple):
    """Fields of one series at one instant: at least one. Numbers are finite floats, always."""

    series: Series
    at: Micros
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Curve:
    """One field over time, as columns of equal length.

    Raw readings have mean = low = high and count 1. With a bucket width, `at` is the beginning of
    each bucket that has readings; a bucket without any is not there.
    """

    at: Sequence[Micros]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    count: Sequence[int]


@dataclass(frozen=True, slots=True)
class Event:
    """One point as it was written, for lists: alerts, findings."""

    at: Micros
    tags: Mapping[str, str]
    fields: Mapping[str, Value]


class Summary(msgspec.Struct, frozen=True, gc=False):
    """One number field over a bucket of time: `last` is the newest value."""

    mean: float
    low: float
    high: float
    count: int
    last: float


class Rolled(NamedTuple):
    """One series over one bucket, which begins at `at`: each number field that has a value in it."""

    series: Series
    at: Micros
    fields: Mapping[str, Summary]


class Store(Protocol):
    """Idempotent and durable. Every question raises `StoreUnavailable` when the store does not answer.

    A point is its series and its instant: writing it again changes nothing, writing other fields
    adds them. What `write` has returned for survives the death of this process and of the store's,
    and is readable by others at once.

    Each policy is a store of its own as to points and fields: a measurement may be in several, with
    other fields in each. Where none is named, a measurement's home is meant (`ward.retention_policy.default_policy`).
    """

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        """Store all points, or raise.

        `StoreUnavailable`: nothing can be said, write the same again later. `StoreRefused`: at
        least one of them can never be stored; the others may have been. Halve the batch to find it.

        Refused are: no field at all; a number that is not finite; a field that was a number and is
        text now, or the reverse; a measurement or field that is not a name (letters, digits, `_.-`);
        a tag or text with control characters or, in a tag, a backslash, for which stores have no
        safe spelling.

        It may be called from a helper thread while the next batch is made ready: most of its time
        is spent outside of Python. Calls do not overlap: a second one waits for the first.
        """
        ...

    def curve(
        self,
        measurement: str,
        field: str,
        where: Mapping[str, str],
        start: Micros,
        end: Micros,
        every: float | None = None,
        limit: int = 20_000,
        policy: RetentionPolicy | None = None,
    ) -> Curve:
        """A field over [start, end), of all series whose tags include `where`, raw or in buckets of `every` s.

        Buckets begin at whole multiples of `every` since the epoch. Text fields give nothing.
        Where no policy is named, a long range in buckets is answered from roll-ups as far as they go, and from
        there on from raw readings (`ward.retention_policy.resolution`): the same values, and quick over months. A
        minute or hour then counts when it begins inside the range.
        Raises `QueryRefused` for a range that would give more than `limit` rows.
        """
        ...

    def last(
        self, measurement: str, field: str, where: Mapping[str, str], count: int, policy: RetentionPolicy | None = None
    ) -> list[tuple[Micros, float]]:
        """The newest `count` values, oldest first."""
        ...

    def latest(self, measurement: str, by: str, since: Micros) -> dict[str, dict[str, tuple[Micros, float]]]:
        """For each value of the tag `by`, each number field's newest value at or after `since`."""
        ...

    def events(
        self,
        measurement: str,
        where: Mapping[str, str],
        start: Micros,
        end: Micros,
        limit: int,
        policy: RetentionPolicy | None = None,
    ) -> list[Event]:
        """Points as they were written in [start, end), newest first."""
        ...

    def summaries(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, every: float
    ) -> list[Rolled]:
        """All number fields over [start, end), a bucket of `every` s and a series at a time, from raw readings.

        Buckets begin at whole multiples of `every` since the epoch, and hold what lies within the range. Only
        buckets and fields with a value are there; in which order is not said. The range is the caller's to bound:
        all of it comes in one answer.
        """
        ...

    def close(self) -> None: ...
