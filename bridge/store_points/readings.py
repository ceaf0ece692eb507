"""Readings as points of `vitals` and `telemetry`; `influx/schema.md` describes both."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from ward.canary import SIGNAL as CANARY
from ward.canary import is_canary
from ward.clock import SECOND
from ward.config.config import Config
from ward.inventory import Place
from ward.ports import Point, Series
from ward.reading import Flag, Reading

# Fields about the delivery of a reading.
LOST, DUPLICATES, SKEW = FACTS = ("lost_readings", "duplicate_readings", "clock_skew")
MOST_REMEMBERED = 20_000  # series of devices; beyond that, they are looked up again
# As a plain number: an operation on a Flag costs more than all else here.
_WRONG_CLOCK = int(Flag.CLOCK_SKEWED | Flag.CLOCK_AHEAD | Flag.CLOCK_BEHIND | Flag.CLOCK_STEPPED)


class DeviceSeries(NamedTuple):
    """The series of a device while it stays at one place: from `since` until just before `until` (microseconds)."""

    since: float
    until: float
    vitals: Series
    telemetry: Series


class ReadingPoints:
    """Makes one point of `vitals`, one of `telemetry`, or both, of each reading, by one config."""

    def __init__(self, config: Config) -> None:
        self._inventory = config.inventory
        self._vitals = frozenset(s.name for s in config.catalogue.vitals())
        self._series: dict[tuple[str, str, str, str], DeviceSeries] = {}

    def points(self, reading: Reading) -> Sequence[Point]:
        """The points of a reading, tagged with the place of its device at that instant."""
        if is_canary(reading.ward, reading.values):
            return (_canary_point(reading),)
        series = self.series(reading)
        values, at, vital_names = reading.values, reading.at, self._vitals
        telemetry = has_telemetry(reading)
        if values and not telemetry and vital_names.issuperset(values):
            return (Point(series.vitals, at, values),)
        vitals = {name: value for name, value in values.items() if name in vital_names}
        points = [Point(series.vitals, at, vitals)] if vitals else []
        if telemetry or len(vitals) < len(values):
            points.append(Point(series.telemetry, at, self._telemetry(reading)))
        return points

    def series(self, reading: Reading) -> DeviceSeries:
        """The series of a reading's device, with its place at that instant."""
        key = (reading.device, reading.ward, reading.device_kind, reading.attached)
        known = self._series.get(key)
        if known is None or not known.since <= reading.at < known.until:
            if len(self._series) >= MOST_REMEMBERED:
                self._series.clear()
            known = self._series[key] = self._look_up(reading)
        return known

    def _telemetry(self, reading: Reading) -> dict[str, float]:
        fields = {name: value for name, value in reading.values.items() if name not in self._vitals}
        fields.update({f"{name}_implausible": value for name, value in reading.implausible.items()})
        if reading.lost:
            fields[LOST] = float(reading.lost)
        if reading.duplicates:
            fields[DUPLICATES] = float(reading.duplicates)
        if reading.flags & _WRONG_CLOCK:
            device_time = reading.at if reading.device_time is None else reading.device_time
            fields[SKEW] = (reading.received_at - device_time) / SECOND
        return fields

    def _look_up(self, reading: Reading) -> DeviceSeries:
        """The place of a device, valid between its moves before and after this reading."""
        place = self._inventory.place(reading.device, reading.at, reading.ward, reading.device_kind)
        known = self._inventory.devices.get(reading.device)
        spans = [assignment.span for assignment in known.assignments] if known else []
        moves = [at for span in spans for at in (span.since, span.until) if at is not None]
        return DeviceSeries(
            max((at for at in moves if at <= reading.at), default=-inf),
            min((at for at in moves if at > reading.at), default=inf),
            _tagged("vitals", reading, place),
            _tagged("telemetry", reading, place),
        )


def has_telemetry(reading: Reading) -> bool:
    """Whether a reading has fields of `telemetry` besides its values."""
    return bool(reading.implausible or reading.lost or reading.duplicates or reading.flags & _WRONG_CLOCK)


def _canary_point(reading: Reading) -> Point:
    latency = max(0, reading.received_at - reading.at) / SECOND
    fields = {"number": reading.values.get(CANARY, 0.0), "latency_s": latency}
    return Point(Series.of(CANARY, device=reading.device), reading.at, fields)


def _tagged(measurement: str, reading: Reading, place: Place) -> Series:
    return Series.of(
        measurement,
        ward=place.ward,
        bed=place.bed,
        device=reading.device,
        device_kind=place.device_kind,
        imaging_device=place.attached or reading.attached,
    )
