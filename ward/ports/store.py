"""The port of the time-series store, which screens, dashboards and long-term statistics query."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import msgspec

from ward.clock import Micros
from ward.ports.series_columns import SeriesColumns
from ward.retention_policy import RetentionPolicy

Value = float | str


class Series(NamedTuple):
    """A measurement with its tags, sorted by name; no tag is empty."""

    measurement: str
    tags: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, measurement: str, **tags: str) -> "Series":
        """A series with these tags; empty ones are left out."""
        return cls(measurement, tuple(sorted((k, v) for k, v in tags.items() if v)))


class Point(NamedTuple):
    """At least one field of a series at an instant (microseconds since 1970). Numbers are finite floats."""

    series: Series
    at: Micros
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Curve:
    """One field over time, as columns of equal length.

    Raw readings have mean = low = high and count 1. With a bucket width, `at` is the beginning of each bucket that has
    readings; buckets without readings are left out.
    """

    at: Sequence[Micros]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    count: Sequence[int]


@dataclass(frozen=True, slots=True)
class Row:
    """One point as it was written, for lists of alerts and findings."""

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


class RollupBucket(NamedTuple):
    """One series over one bucket, which begins at `at`: each number field that has a value in it."""

    series: Series
    at: Micros
    fields: Mapping[str, Summary]


class Store(Protocol):
    """Idempotent and durable. Every query raises `StoreUnavailable` when the store does not answer.

    A point is identified by series and instant: writing it again changes nothing, writing other fields adds them. After
    `write` returns, its points survive a crash of this process and of the store, and other processes can read them.

    Each policy has its own points and fields: a measurement may be in several, with different fields. Without a policy
    that of the measurement is used (`ward.retention_policy.default_policy`).
    """

    def write(self, points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        """Store all points, or raise.

        Raises `StoreUnavailable` when it is unknown what was stored: write the same again later. Raises `StoreRefused`
        when at least one point can never be stored; the others may have been. Halve the batch to find it.

        Refused are: no field; a number that is not finite; a field that was a number and is text now, or the reverse; a
        measurement or field that is not a name (letters, digits, `_.-`); a tag or text with control characters or, in a
        tag, a backslash, which stores cannot escape safely.

        Another thread may call it while the next batch is prepared: most of its time is spent outside of Python. A
        second call waits for the first.
        """
        ...

    def query_range(
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

        Buckets begin at multiples of `every` since the epoch. Text fields give no rows. Without a policy, a long range
        in buckets is answered from roll-ups as far as they go, and from there on from raw readings
        (`ward.retention_policy.resolution`), with the same values. A minute or hour counts when it begins in the range.

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

    def rows(
        self,
        measurement: str,
        where: Mapping[str, str],
        start: Micros,
        end: Micros,
        limit: int,
        policy: RetentionPolicy | None = None,
    ) -> list[Row]:
        """Points as they were written in [start, end), newest first."""
        ...

    def columns(
        self, measurement: str, chosen: Callable[[Mapping[str, str]], bool], start: Micros, end: Micros, limit: int
    ) -> list[SeriesColumns]:
        """The number fields of all points in [start, end), by series; of those series whose tags are `chosen`.

        Series without a point there are left out, and points that have texts alone. Raises `QueryRefused` for a range
        with more than `limit` points.
        """
        ...

    def summaries(
        self, measurement: str, where: Mapping[str, str], start: Micros, end: Micros, every: float
    ) -> list[RollupBucket]:
        """Summaries of all number fields over [start, end), by bucket of `every` s and series, from raw readings.

        Buckets begin at multiples of `every` since the epoch and hold the readings within the range. Only buckets and
        fields with a value are returned, in any order. The result is one list: keep the range short.
        """
        ...

    def problem(self) -> str:
        """What a person must know of the stored history, such as that it was lost; empty when nothing is known."""
        ...

    def close(self) -> None:
        """Close all connections and files."""
        ...
