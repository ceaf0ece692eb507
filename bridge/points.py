"""Records of the log as points of the store; `influx/schema.md` says the same in words."""

import re
from collections.abc import Iterable, Iterator

from ward.alert import Alert
from ward.clock import SECOND
from ward.config.config import Config
from ward.finding import Finding
from ward.inventory import Place
from ward.ports import Point, Series
from ward.reading import Flag, Reading
from ward.wire import Health, Score


class ReadingPoints:
    """One point of `vitals`, one of `telemetry`, or both, for each reading."""

    def __init__(self, config: Config) -> None:
        self._inventory = config.inventory
        self._vitals = frozenset(s.name for s in config.catalogue.vitals())
        self._series: dict[tuple[str, str, str], tuple[Place, Series, Series]] = {}

    def points(self, reading: Reading) -> Iterator[Point]:
        """The points of a reading, tagged with where its device was at that instant."""
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
        measurement,
        ward=place.ward,
        bed=place.bed,
        device=reading.device,
        kind=place.kind,
        imaging_device=place.attached or reading.attached,
    )


def _odd(reading: Reading) -> bool:
    return bool(reading.lost or reading.duplicates or reading.claimed is not None or reading.flags & Flag.CLOCK_SKEWED)


def finding_points(finding: Finding) -> Iterable[Point]:
    """A finding, at the instant that decided. Its episode is a field: there is no end of them."""
    series = Series.of(
        "findings",
        ward=finding.ward,
        bed=finding.bed,
        device=finding.device,
        signal=finding.signal,
        rule=finding.rule,
        edge=finding.edge,
        severity=finding.severity,
        kind=finding.kind,
    )
    fields: dict[str, float | str] = {
        "episode": finding.episode,
        "text": finding.text,
        "onset": finding.onset / SECOND,
        "config": finding.config,
    }
    if finding.value is not None:
        fields["value"] = finding.value
    if finding.limit is not None:
        fields["limit"] = finding.limit
    if finding.ended is not None:
        fields["ended"] = str(finding.ended)
    return (Point(series, finding.at, fields),)


def alert_points(alert: Alert) -> Iterable[Point]:
    """One change of an alert, at the instant it changed: the history of who was told and who took it."""
    series = Series.of(
        "alerts",
        alertname=alert.labels.get("alertname", ""),
        ward=alert.labels.get("ward", ""),
        bed=alert.labels.get("bed", ""),
        device=alert.labels.get("device_id", ""),
        signal=alert.labels.get("metric", ""),
        severity=alert.severity,
        kind=alert.kind,
        state=alert.state,
    )
    fields: dict[str, float | str] = {
        "id": alert.id,
        "summary": alert.annotations.get("summary", ""),
        "starts_at": alert.starts_at / SECOND,
        "active": float(alert.active),
        "acknowledged": float(alert.ack is not None),
        "late": alert.late,
    }
    if alert.ends_at is not None:
        fields["ends_at"] = alert.ends_at / SECOND
    if alert.ended is not None:
        fields["ended"] = str(alert.ended)
    if alert.ack is not None:
        fields["acknowledged_by"] = alert.ack.by
        fields["acknowledged_at"] = alert.ack.at / SECOND
    if alert.lost_since is not None:
        fields["lost_since"] = alert.lost_since / SECOND
    fields |= {name: v for name, v in (("value", alert.value), ("limit", alert.limit)) if v is not None}
    return (Point(series, alert.updated_at, fields),)


def score_points(score: Score) -> Iterable[Point]:
    """A derived number or several."""
    return (Point(Series.of("scores", score=score.name, **score.tags), score.at, score.fields),)


def health_points(health: Health) -> Iterable[Point]:
    """How one program is: a point for itself, and one for each set of labels that its numbers have."""
    own = {"program": health.program, "instance": health.instance}
    said: dict[str, float | str] = {
        "config": health.config,
        "trouble": "; ".join(health.trouble),
        "up_since": health.started / SECOND,
    }
    fields: dict[tuple[tuple[str, str], ...], dict[str, float | str]] = {(): said}
    for sample, value in health.numbers.items():
        name, _, labels = sample.removeprefix("wardwatch_").partition("{")
        fields.setdefault(tuple(_LABEL.findall(labels)), {})[name] = float(value)
    return [
        Point(Series.of("pipeline", **own, **dict(labels)), health.at, numbers) for labels, numbers in fields.items()
    ]


# As `Metrics.numbers` writes them.
_LABEL = re.compile(r'(\w+)="([^"]+)"')
