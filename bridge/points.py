"""Records of the log as points of the store; `influx/schema.md` says the same in words."""

import re
from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

from bridge.episodes import episode
from ward.alert import Alert
from ward.canary import SIGNAL as CANARY
from ward.canary import is_canary
from ward.clock import SECOND
from ward.config.config import Config
from ward.finding import Finding, Kind
from ward.inventory import Place
from ward.ports import Point, Series
from ward.reading import Flag, Reading
from ward.wire import Health, Score

# As a plain number: an operation on a Flag costs more than all else here.
_SKEWED = int(Flag.CLOCK_SKEWED)


class Standing(NamedTuple):
    """The series of a device from `since` until just before `until`, while it is where it is."""

    since: float
    until: float
    vitals: Series
    telemetry: Series


class ReadingPoints:
    """One point of `vitals`, one of `telemetry`, or both, for each reading."""

    def __init__(self, config: Config) -> None:
        self._inventory = config.inventory
        self._vitals = frozenset(s.name for s in config.catalogue.vitals())
        self._standings: dict[tuple[str, str, str, str], Standing] = {}

    def points(self, reading: Reading) -> Sequence[Point]:
        """The points of a reading, tagged with where its device was at that instant."""
        if is_canary(reading.ward, reading.values):
            return (_canary(reading),)
        standing = self.where(reading)
        values, at, own = reading.values, reading.at, self._vitals
        odd = is_odd(reading)
        if values and not odd and own.issuperset(values):
            return (Point(standing.vitals, at, values),)
        vital = {name: value for name, value in values.items() if name in own}
        found = [Point(standing.vitals, at, vital)] if vital else []
        if odd or len(vital) < len(values):
            found.append(Point(standing.telemetry, at, self._telemetry(reading)))
        return found

    def where(self, reading: Reading) -> Standing:
        """The series of a reading's device, where it was at that instant."""
        key = (reading.device, reading.ward, reading.device_kind, reading.attached)
        standing = self._standings.get(key)
        if standing is None or not standing.since <= reading.at < standing.until:
            standing = self._standings[key] = self._look_up(reading)
        return standing

    def _telemetry(self, reading: Reading) -> dict[str, float]:
        fields = {name: value for name, value in reading.values.items() if name not in self._vitals}
        fields.update({f"{name}_implausible": value for name, value in reading.implausible.items()})
        if reading.lost:
            fields["lost_readings"] = float(reading.lost)
        if reading.duplicates:
            fields["duplicate_readings"] = float(reading.duplicates)
        if reading.claimed is not None or reading.flags & _SKEWED:
            claimed = reading.at if reading.claimed is None else reading.claimed
            fields["clock_skew"] = (reading.seen - claimed) / SECOND
        return fields

    def _look_up(self, reading: Reading) -> Standing:
        """Where a device is, and between which two of its moves: it need not be asked again for what lies there."""
        place = self._inventory.place(reading.device, reading.at, reading.ward, reading.device_kind)
        known = self._inventory.devices.get(reading.device)
        spans = [assignment.span for assignment in known.assignments] if known else []
        moves = [at for span in spans for at in (span.since, span.until) if at is not None]
        return Standing(
            max((at for at in moves if at <= reading.at), default=-inf),
            min((at for at in moves if at > reading.at), default=inf),
            _tagged("vitals", reading, place),
            _tagged("telemetry", reading, place),
        )


def _canary(reading: Reading) -> Point:
    way = max(0, reading.seen - reading.at) / SECOND
    return Point(
        Series.of(CANARY, device=reading.device), reading.at, {"number": reading.values.get(CANARY, 0.0), "way_s": way}
    )


def _tagged(measurement: str, reading: Reading, place: Place) -> Series:
    return Series.of(
        measurement,
        ward=place.ward,
        bed=place.bed,
        device=reading.device,
        device_kind=place.device_kind,
        imaging_device=place.attached or reading.attached,
    )


def is_odd(reading: Reading) -> bool:
    """Whether there is more to tell than values."""
    return bool(
        reading.implausible
        or reading.lost
        or reading.duplicates
        or reading.claimed is not None
        or reading.flags & _SKEWED
    )


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
    """One change of an alert, at the instant it changed: the history of who was told and who took it; and the alert."""
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
    return (Point(series, alert.updated_at, fields), episode(alert), _standing(alert))


def _standing(alert: Alert) -> Point:
    """What holds now, for rules and walls: one series an alert whatever its severity, named by the alert's own labels.

    `rank` is 0 once it is over, so that an end is something that was written, never something that is missing.
    """
    labels = {name: alert.labels.get(name, "") for name in ("ward", "bed", "device_id", "metric", "program")}
    series = Series.of("standing", wardwatch_alert=alert.labels.get("alertname", ""), kind=alert.kind, **labels)
    fields = {
        "rank": float(alert.severity.rank if alert.active else 0),
        "lost": float(alert.lost_since is not None),
        "acknowledged": float(alert.ack is not None),
    }
    return Point(series, alert.updated_at, fields)


def score_points(score: Score) -> Iterable[Point]:
    """A derived number or several."""
    return (Point(Series.of("scores", score=score.name, **score.tags), score.at, score.fields),)


def health_points(health: Health) -> Iterable[Point]:
    """How one program is: a point for itself, and one for each set of labels that its numbers have."""
    own = {"program": health.program, "instance": health.instance}
    said: dict[str, float | str] = {
        "config": health.config,
        "problems": "; ".join(health.problems),
        "up_since": health.started / SECOND,
        # Always there, also before there was anything to count: a rule must be able to tell 0 from unknown.
        "set_aside": sum(_all(health, "wardwatch_quarantined_total")),
        "oldest_notice_seconds": max(_all(health, "wardwatch_outbox_age_seconds"), default=0.0),
    }
    fields: dict[tuple[tuple[str, str], ...], dict[str, float | str]] = {(): said}
    for sample, value in health.numbers.items():
        name, _, labels = sample.removeprefix("wardwatch_").partition("{")
        fields.setdefault(tuple(_LABEL.findall(labels)), {})[name] = float(value)
    points = [
        Point(Series.of("pipeline", **own, **dict(labels)), health.at, numbers) for labels, numbers in fields.items()
    ]
    if health.program == "alerts":
        # That nothing stands is known, and not just not written: rules about `standing` always get an answer.
        nothing = Series.of("standing", wardwatch_alert="none", kind=Kind.TECHNICAL, program="alerts")
        points.append(Point(nothing, health.at, {"rank": 0.0, "lost": 0.0, "acknowledged": 0.0}))
    return points


def _all(health: Health, name: str) -> list[float]:
    """A number of the program, for each set of labels it has."""
    return [float(value) for sample, value in health.numbers.items() if sample.partition("{")[0] == name]


# As `Metrics.numbers` writes them.
_LABEL = re.compile(r'(\w+)="([^"]+)"')
