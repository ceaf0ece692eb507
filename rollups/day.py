"""A day of one device at one place, and of a ward: what came, of how much that should have, and what it came to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.inventory import Assignment, Device, Period
from ward.ports import Point, Series, Store
from ward.ports.store import Value
from ward.simulated_past import SimulatedPast

DAY: Micros = 86_400 * SECOND


class Summed(NamedTuple):
    """One signal over a stretch of time."""

    mean: float
    low: float
    high: float
    readings: int

    def __add__(self, other: tuple[object, ...]) -> "Summed":
        """Both together, each weighing as many readings as it has."""
        assert isinstance(other, Summed)
        readings = self.readings + other.readings
        mean = (self.mean * self.readings + other.mean * other.readings) / readings
        return Summed(mean, min(self.low, other.low), max(self.high, other.high), readings)


@dataclass(slots=True)
class Tally:
    """What came of what should have come."""

    expected: float = 0.0
    came: float = 0.0
    signals: dict[str, Summed] = field(default_factory=dict)
    simulated: bool = False  # whether any of it is of a simulated past

    def add(self, signal: str, summed: Summed) -> None:
        known = self.signals.get(signal)
        self.signals[signal] = summed if known is None else known + summed

    def fields(self) -> dict[str, Value]:
        """As a point has them. More than should have come is not more than all."""
        found: dict[str, Value] = {"expected": self.expected, "came": self.came}
        if self.expected:
            found["completeness"] = min(1.0, self.came / self.expected)
        if self.simulated:
            found["simulated"] = 1.0
        for name, (mean, low, high, count) in self.signals.items():
            found |= {name: mean, f"{name}_min": low, f"{name}_max": high, f"{name}_count": float(count)}
        return found


def stays(device: Device, day: Micros, until: Micros) -> Iterator[tuple[Assignment, float]]:
    """Where a device was between two instants, and for how many seconds."""
    for assignment in device.assignments:
        if seconds := shared(assignment.span, day, until):
            yield assignment, seconds


def shared(span: Period, start: Micros, end: Micros) -> float:
    """The seconds that a span has in common with [start, end)."""
    first, last = max(start, span.since or start), min(end, end if span.until is None else span.until)
    return max(0, last - first) / SECOND


def measure(
    store: Store, config: Config, device: Device, assignment: Assignment, day: Micros, until: Micros,
    past: SimulatedPast | None = None,
) -> Tally:  # fmt: skip
    """A device at a place, from what is stored; a simulated past has its own periods. Raises `StoreUnavailable`."""
    expected, found = config.inventory.expected(device.id), Tally()
    where = {"device": device.id, "ward": assignment.ward} | ({"bed": assignment.bed} if assignment.bed else {})
    seconds, simulated = shared(assignment.span, day, until), 0.0
    if past is not None:  # with it the ward begins: nothing is expected before
        simulated = shared(assignment.span, max(day, past.start), min(until, past.end))
        seconds = shared(assignment.span, max(day, past.start), until)
        found.simulated = simulated > 0
    for signal, period in expected.items():
        found.expected += (seconds - simulated) / period
        if past is not None:
            found.expected += simulated / past.periods.get(signal, period)
        of = config.catalogue.known(signal).measurement
        for mean, low, high, count in _summed(store, of, signal, where, day, until):
            found.add(signal, Summed(mean, low, high, count))
            found.came += count
    return found


def point(device: Device, assignment: Assignment, day: Micros, tally: Tally) -> Point:
    """It as a point of `days`."""
    series = Series.of(
        "days",
        ward=assignment.ward,
        bed=assignment.bed,
        device=device.id,
        device_kind=device.device_kind,
        imaging_device=device.attached,
    )
    return Point(series, day, tally.fields())


def ward_point(config: Config, ward: str, day: Micros, until: Micros, parts: Mapping[str, Iterable[Tally]]) -> Point:
    """A ward as a point of `ward_days`, from its devices by bed; vital signs only, as rooms have no mean patient."""
    vitals = {signal.name for signal in config.catalogue.vitals()}
    whole = Tally()
    watched = 0
    for bed, tallies in parts.items():
        some = False
        for tally in tallies:
            whole.expected += tally.expected
            whole.came += tally.came
            whole.simulated |= tally.simulated
            for signal in vitals & tally.signals.keys():
                whole.add(signal, tally.signals[signal])
                some = True
        watched += bool(bed) and some
    return Point(
        Series.of("ward_days", ward=ward), day, {**whole.fields(), **_people(config, ward, day, until, watched)}
    )


def _people(config: Config, ward: str, day: Micros, until: Micros, watched: int) -> dict[str, Value]:
    inventory = config.inventory
    beds = {bed.id for bed in inventory.beds.values() if bed.ward == ward}
    there = [stay for stay in inventory.stays if stay.bed in beds and shared(stay.span, day, until)]
    came = sum(stay.span.since is not None and day <= stay.span.since < until for stay in there)
    left = sum(stay.span.until is not None and day < stay.span.until <= until for stay in there)
    return {
        "beds": float(len(beds)), "watched": float(watched), "patients": float(len({stay.patient for stay in there})),
        "admitted": float(came), "discharged": float(left),
    }  # fmt: skip


def _summed(
    store: Store, measurement: str, signal: str, where: Mapping[str, str], start: Micros, end: Micros
) -> Iterable[tuple[float, float, float, int]]:
    curve = store.curve(measurement, signal, where, start, end, DAY / SECOND)
    return zip(curve.mean, curve.low, curve.high, curve.count, strict=True)
