"""Records of the log as points of the store; `influx/schema.md` says the same in words."""

from collections.abc import Iterator

from ward.clock import SECOND
from ward.config.config import Config
from ward.finding import Finding
from ward.inventory import Place
from ward.ports import Point, Series
from ward.reading import Flag, Reading


class ReadingPoints:
    """One point of `vitals`, one of `telemetry`, or both, for each reading."""

    def __init__(self, config: Config) -> None:
        self._inventory = config.inventory
        self._vitals = frozenset(s.name for s in config.catalogue.vitals())
        self._series: dict[tuple[str, str, str], tuple[Place, Series, Series]] = {}

    def points(self, reading: Reading) -> Iterator[Point]:
        vitals, telemetry = self._of(reading)
        own = self._vitals
        vital = {name: value for name, value in reading.values.items() if name in own}
        if vital:
            yield Point(vitals, reading.at, vital)
        if len(vital) < len(reading.values) or reading.doubtful or _odd(reading):
            yield Point(telemetry, reading.at, self._telemetry(reading))

    def _telemetry(self, reading: Reading) -> dict[str, float]:
        fields = {name: value for name, value in reading.values.items() if name not in self._vitals}
        fields.update({f"{name}_implausible": value for name, value in reading.doubtful.items()})
        if reading.lost:
            fields["lost_readings"] = float(reading.lost)
        if reading.duplicates:
            fields["duplicate_readings"] = float(reading.duplicates)
        if reading.claimed is not None or reading.flags & Flag.CLOCK_SKEWED:
            claimed = reading.at if reading.claimed is None else reading.claimed
            fields["clock_skew"] = (reading.seen - claimed) / SECOND
        return fields

    def _of(self, reading: Reading) -> tuple[Series, Series]:
        place = self._inventory.place(reading.device, reading.at, reading.ward, reading.kind)
        key = (reading.device, reading.ward, reading.attached)
        cached = self._series.get(key)
        if cached is None or cached[0] != place:
            cached = (place, _tagged("vitals", reading, place), _tagged("telemetry", reading, place))
            self._series[key] = cached
        return cached[1], cached[2]


def _tagged(measurement: str, reading: Reading, place: Place) -> Series:
    return Series.of(
        measurement, ward=place.ward, bed=place.bed, device=reading.device, kind=place.kind,
        imaging_device=place.attached or reading.attached,
    )  # fmt: skip


def _odd(reading: Reading) -> bool:
    return bool(reading.lost or reading.duplicates or reading.claimed is not None or reading.flags & Flag.CLOCK_SKEWED)


def finding_point(finding: Finding) -> Point:
    """A finding, at the instant that decided. Its episode is a field: there is no end of them."""
    series = Series.of(
        "findings", ward=finding.ward, bed=finding.bed, device=finding.device, signal=finding.signal,
        rule=finding.rule, edge=finding.edge, severity=finding.severity, kind=finding.kind,
    )  # fmt: skip
    fields: dict[str, float | str] = {"episode": finding.episode, "text": finding.text, "onset": finding.onset / SECOND}
    if finding.value is not None:
        fields["value"] = finding.value
    if finding.limit is not None:
        fields["limit"] = finding.limit
    if finding.ended is not None:
        fields["ended"] = str(finding.ended)
    return Point(series, finding.at, fields)
