"""The simulated past of a store: the range of time that simulators wrote into it, and whether it is complete.

`wardwatch demo` writes one on its very first start. Every point of it has the tag `origin=simulated`, and one
point describes it, so that all programs can distinguish it from measured data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ward.clock import SECOND, Micros
from ward.ports import Point, Row, Series, SeriesColumns, Store
from ward.ports.store import Value

MEASUREMENT = "simulated_past"
TAG, SIMULATED = "origin", "simulated"
_PERIOD = "period_"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPast:
    """[start, end) in microseconds since 1970.

    `written` is the fraction that is written, from 0 to 1; `periods` are the seconds between two readings, by signal,
    where they differ from those of the inventory.
    """

    start: Micros
    end: Micros
    written: float = 0.0
    periods: Mapping[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether it is complete."""
        return self.written >= 1.0

    def contains(self, at: Micros) -> bool:
        """Whether an instant is in it."""
        return self.start <= at < self.end

    def point(self) -> Point:
        """The point that describes it, always at the epoch, so that a new one replaces it."""
        fields: dict[str, Value] = {
            "start_s": self.start / SECOND, "end_s": self.end / SECOND, "written": self.written,
            **{f"{_PERIOD}{signal}": seconds for signal, seconds in self.periods.items()},
        }  # fmt: skip
        return Point(Series.of(MEASUREMENT, **{TAG: SIMULATED}), 0, fields)


def recorded(store: Store) -> bool:
    """Whether the store has any record of a simulated past, readable or not. Raises `StoreUnavailable`."""
    return bool(store.rows(MEASUREMENT, {}, 0, 1, 1))


def simulated_past(store: Store) -> SimulatedPast | None:
    """The simulated past of a store; None where there is none, or its record cannot be read.

    Raises `StoreUnavailable`.
    """
    for row in store.rows(MEASUREMENT, {}, 0, 1, 1):
        numbers = {name: value for name, value in row.fields.items() if isinstance(value, float)}
        if {"start_s", "end_s", "written"} <= numbers.keys() and numbers["start_s"] < numbers["end_s"]:
            return SimulatedPast(
                start=round(numbers["start_s"] * SECOND), end=round(numbers["end_s"] * SECOND),
                written=numbers["written"],
                periods={n.removeprefix(_PERIOD): seconds for n, seconds in numbers.items() if n.startswith(_PERIOD)},
            )  # fmt: skip
    return None


def is_simulated(row: Row | SeriesColumns) -> bool:
    """Whether a point of the store is of a simulated past."""
    return row.tags.get(TAG) == SIMULATED


def marked(point: Point) -> Point:
    """The same point, marked as simulated."""
    return Point(mark(point.series), point.at, point.fields)


def mark(series: Series) -> Series:
    """The same series, marked as simulated."""
    return Series(series.measurement, tuple(sorted((*series.tags, (TAG, SIMULATED)))))
