"""Alerts as points: each change in `alerts`, the whole alert in `episodes`, what is active in `active_alerts`."""

from collections.abc import Iterable

from bridge.store_points.episodes import episode_point
from bridge.store_points.peak import peak_fields
from ward.alert import EXTERNAL, Alert
from ward.clock import SECOND
from ward.finding import Kind
from ward.ids import printable
from ward.ports import Point, Series
from ward.tag_text import tag_text

_MOST_CHARACTERS = 300


def alert_points(alert: Alert) -> Iterable[Point]:
    """The points of one change of an alert."""
    return (_change_point(alert), episode_point(alert), _status_point(alert))


def no_alert_point(at: int) -> Point:
    """A point of `active_alerts` for no alert at all.

    It is written with each heartbeat of the program `alerts`, so that a rule about `active_alerts` always finds a row,
    and *no alert* differs from *no data*.
    """
    nothing = Series.of("active_alerts", wardwatch_alert="none", kind=Kind.TECHNICAL, program="alerts")
    return Point(nothing, at, {"rank": 0.0, "lost": 0.0, "acknowledged": 0.0})


def _change_point(alert: Alert) -> Point:
    """The alert as it was after a change, at the instant of the change."""
    series = Series.of(
        "alerts",
        alertname=_tag(alert, "alertname"),
        ward=_tag(alert, "ward"),
        bed=_tag(alert, "bed"),
        device=_tag(alert, "device_id"),
        signal=_tag(alert, "metric"),
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
        **peak_fields(alert),
        "detected_late_s": alert.detected_late_s,
    }
    if alert.ends_at is not None:
        fields["ends_at"] = alert.ends_at / SECOND
    if alert.ended is not None:
        fields["ended"] = str(alert.ended)
    if alert.ack is not None:
        fields["acknowledged_by"] = alert.ack.by
        fields["acknowledged_at"] = alert.ack.at / SECOND
        if alert.ack.taken_over_from:
            fields["taken_over_from"] = alert.ack.taken_over_from
        if alert.ack.note:
            fields["ack_note"] = printable(alert.ack.note, _MOST_CHARACTERS)
    if alert.notified_at is not None:
        fields["notified_at"] = alert.notified_at / SECOND
    if alert.receivers:
        fields["receivers"] = printable(", ".join(alert.receivers), _MOST_CHARACTERS)
    if alert.signal_lost_since is not None:
        fields["signal_lost_since"] = alert.signal_lost_since / SECOND
    fields |= {name: v for name, v in (("value", alert.value), ("limit", alert.limit)) if v is not None}
    return Point(series, alert.updated_at, fields)


def _status_point(alert: Alert) -> Point:
    """Whether the alert is active: one series an alert, whatever its severity, named by the alert's own labels.

    `rank` is 0 once the alert is over: the end is written, so that a missing point means that there are no data.
    """
    labels = {name: _tag(alert, name) for name in ("ward", "bed", "device_id", "metric", "program")}
    source = EXTERNAL if alert.source == EXTERNAL else ""
    series = Series.of(
        "active_alerts", wardwatch_alert=_tag(alert, "alertname"), kind=alert.kind, source=source, **labels
    )
    fields = {
        "rank": float(alert.severity.rank if alert.active else 0),
        "lost": float(alert.signal_lost_since is not None),
        "acknowledged": float(alert.ack is not None),
    }
    return Point(series, alert.updated_at, fields)


def _tag(alert: Alert, label: str) -> str:
    """A label as a tag: other systems post any text."""
    return tag_text(alert.labels.get(label, ""))
