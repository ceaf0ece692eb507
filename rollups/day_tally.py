"""One day of a device at one place, and of a ward: readings received of those expected, and statistics by signal."""

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


class SignalStatistics(NamedTuple):
    """One signal over a range of time: mean, smallest and largest value, number of readings."""

    mean: float
    low: float
    high: float
    readings: int

    def __add__(self, other: tuple[object, ...]) -> "SignalStatistics":
        """Both together; the mean is weighted by the number of readings.

        >>> SignalStatistics(36.0, 35.5, 36.5, readings=12) + SignalStatistics(39.0, 38.0, 40.0, readings=6)
        SignalStatistics(mean=37.0, low=35.5, high=40.0, readings=18)
        """
        assert isinstance(other, SignalStatistics)
        readings = self.readings + other.readings
        mean = (self.mean * self.readings + other.mean * other.readings) / readings
        return SignalStatistics(mean, min(self.low, other.low), max(self.high, other.high), readings)


@dataclass(slots=True)
class DayTally:
    """Readings received and expected, all signals together, and statistics by signal."""

    expected: float = 0.0
    received: float = 0.0
    signals: dict[str, SignalStatistics] = field(default_factory=dict)
    simulated: bool = False  # whether a part of it is a simulated past

    def add(self, signal: str, statistics: SignalStatistics) -> None:
        """Add the statistics of a signal.

        >>> tally = DayTally()
        >>> tally.add("pulse", SignalStatistics(60.0, 55.0, 66.0, readings=1))
        >>> tally.add("pulse", SignalStatistics(70.0, 64.0, 80.0, readings=1))
        >>> tally.signals["pulse"]
        SignalStatistics(mean=65.0, low=55.0, high=80.0, readings=2)
        """
        known = self.signals.get(signal)
        self.signals[signal] = statistics if known is None else known + statistics

    def fields(self) -> dict[str, Value]:
        """The fields of a point; `completeness` is at most 1.

        >>> DayTally(expected=24.0, received=18.0).fields()
        {'expected': 24.0, 'received': 18.0, 'completeness': 0.75}
        """
        found: dict[str, Value] = {"expected": self.expected, "received": self.received}
        if self.expected:
            found["completeness"] = min(1.0, self.received / self.expected)
        if self.simulated:
            found["simulated"] = 1.0
        for name, (mean, low, high, count) in self.signals.items():
            found |= {name: mean, f"{name}_min": low, f"{name}_max": high, f"{name}_count": float(count)}
        return found


def assignments_between(device: Device, day: Micros, until: Micros) -> Iterator[tuple[Assignment, float]]:
    """The assignments of a device between two instants (microseconds), each with its length in seconds.

    >>> moved = (Assignment(ward="icu", bed="b1", span=Period(until=DAY // 4)),
    ...          Assignment(ward="icu", bed="b2", span=Period(since=DAY // 4)))
    >>> monitor = Device(id="m1", device_kind="monitor", assignments=moved)
    >>> [(assignment.bed, seconds) for assignment, seconds in assignments_between(monitor, 0, DAY)]
    [('b1', 21600.0), ('b2', 64800.0)]
    """
    for assignment in device.assignments:
        if seconds := overlap(assignment.span, day, until):
            yield assignment, seconds


def overlap(span: Period, start: Micros, end: Micros) -> float:
    """The seconds that a period has in common with [start, end).

    >>> overlap(Period(since=DAY // 2), 0, DAY), overlap(Period(until=DAY), DAY, 2 * DAY)
    (43200.0, 0.0)
    """
    first, last = max(start, span.since or start), min(end, end if span.until is None else span.until)
    return max(0, last - first) / SECOND


def measure(
    store: Store, config: Config, device: Device, assignment: Assignment, day: Micros, until: Micros,
    past: SimulatedPast | None = None,
) -> DayTally:  # fmt: skip
    """The tally of a device at a place over [day, until), from the store. Raises `StoreUnavailable`.

    A simulated past has its own sampling periods, and nothing is expected before it begins.
    """
    expected, found = config.inventory.expected(device.id), DayTally()
    where = {"device": device.id, "ward": assignment.ward} | ({"bed": assignment.bed} if assignment.bed else {})
    seconds, simulated = overlap(assignment.span, day, until), 0.0
    if past is not None:
        simulated = overlap(assignment.span, max(day, past.start), min(until, past.end))
        seconds = overlap(assignment.span, max(day, past.start), until)
        found.simulated = simulated > 0
    for signal, period in expected.items():
        found.expected += (seconds - simulated) / period
        if past is not None:
            found.expected += simulated / past.periods.get(signal, period)
        of = config.catalogue.known(signal).measurement
        for mean, low, high, count in _daily_statistics(store, of, signal, where, day, until):
            found.add(signal, SignalStatistics(mean, low, high, count))
            found.received += count
    return found


def point(device: Device, assignment: Assignment, day: Micros, tally: DayTally) -> Point:
    """A tally as a point of `days`.

    >>> place = Assignment(ward="imaging")
    >>> device = Device(id="l1", device_kind="logger", assignments=(place,))
    >>> point(device, place, DAY, DayTally(expected=24.0, received=24.0)).fields["completeness"]
    1.0
    """
    series = Series.of(
        "days",
        ward=assignment.ward,
        bed=assignment.bed,
        device=device.id,
        device_kind=device.device_kind,
        imaging_device=device.attached,
    )
    return Point(series, day, tally.fields())


def ward_point(config: Config, ward: str, day: Micros, until: Micros, parts: Mapping[str, Iterable[DayTally]]) -> Point:
    """A ward as a point of `ward_days`, from the tallies of its devices by bed. Statistics are of vital signs only."""
    vitals = {signal.name for signal in config.catalogue.vitals()}
    total = DayTally()
    beds_monitored = 0
    for bed, tallies in parts.items():
        any_vital = False
        for tally in tallies:
            total.expected += tally.expected
            total.received += tally.received
            total.simulated |= tally.simulated
            for signal in vitals & tally.signals.keys():
                total.add(signal, tally.signals[signal])
                any_vital = True
        beds_monitored += bool(bed) and any_vital
    return Point(
        Series.of("ward_days", ward=ward),
        day,
        {**total.fields(), **_patients(config, ward, day, until, beds_monitored)},
    )


def _patients(config: Config, ward: str, day: Micros, until: Micros, beds_monitored: int) -> dict[str, Value]:
    inventory = config.inventory
    beds = {bed.id for bed in inventory.beds.values() if bed.ward == ward}
    stays = [stay for stay in inventory.stays if stay.bed in beds and overlap(stay.span, day, until)]
    admitted = sum(stay.span.since is not None and day <= stay.span.since < until for stay in stays)
    discharged = sum(stay.span.until is not None and day < stay.span.until <= until for stay in stays)
    return {
        "beds": float(len(beds)), "beds_monitored": float(beds_monitored),
        "patients": float(len({stay.patient for stay in stays})), "admitted": float(admitted),
        "discharged": float(discharged),
    }  # fmt: skip


def _daily_statistics(
    store: Store, measurement: str, signal: str, where: Mapping[str, str], start: Micros, end: Micros
) -> Iterable[tuple[float, float, float, int]]:
    curve = store.query_range(measurement, signal, where, start, end, DAY / SECOND)
    return zip(curve.mean, curve.low, curve.high, curve.count, strict=True)
