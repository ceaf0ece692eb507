"""Alerts as points of `episodes`: one point an alert, at the instant it began, overwritten at each change."""

from bridge.store_points.peak import peak_fields
from ward.alert import Alert
from ward.clock import SECOND
from ward.finding import Severity
from ward.ids import digest, printable
from ward.ports import Point, Series
from ward.ports.store import Value
from ward.tag_text import tag_text

_MOST_CHARACTERS = 400


def episode_point(alert: Alert) -> Point:
    """The whole alert so far. Series and instant stay the same at each change, so the newest version overwrites.

    The severity is the highest that the alert had. `alerts` has one point for each change; here count() counts alerts,
    and mean() averages over alerts. The person who acknowledged is replaced by a pseudonym, so that response times of
    persons cannot be measured.
    """
    labels = {name: tag_text(text) for name, text in alert.labels.items()}
    series = Series.of(
        "episodes", alertname=labels.get("alertname", ""), ward=labels.get("ward", ""), bed=labels.get("bed", ""),
        device=labels.get("device_id", ""), signal=labels.get("metric", ""), kind=alert.kind,
    )  # fmt: skip
    return Point(series, alert.starts_at, {**_begin(alert), **peak_fields(alert), **_end(alert), **_handling(alert)})


def _begin(alert: Alert) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "severity": str(alert.peak_severity), "severity_rank": float(alert.peak_severity.rank),
        **{str(severity): float(severity is alert.peak_severity) for severity in Severity},
        "id": alert.id, "detected_late_s": alert.detected_late_s,
        "summary": printable(alert.annotations.get("summary", ""), _MOST_CHARACTERS),
        "explanation": printable(alert.annotations.get("description", ""), _MOST_CHARACTERS),
    }  # fmt: skip
    return fields | {name: n for name, n in (("value", alert.value), ("limit", alert.limit)) if n is not None}


def _end(alert: Alert) -> dict[str, Value]:
    """`ends_ms`, milliseconds since 1970, is in the form that Grafana needs for the end of an annotation."""
    fields: dict[str, Value] = {
        "active": float(alert.active), "ended": str(alert.ended or ""),
        "lost": float(alert.signal_lost_since is not None),
    }  # fmt: skip
    if alert.ends_at is not None:
        fields["ends_ms"] = float(alert.ends_at // 1000)
        fields["duration_s"] = _seconds_after_begin(alert, alert.ends_at)
    return fields


def _handling(alert: Alert) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "acknowledged": float(alert.ack is not None), "acknowledged_by": "",
        "notified": float(alert.notified_at is not None),
        "silenced": float(bool(alert.silenced_by)), "inhibited": float(bool(alert.inhibited_by)),
        "reason": printable(alert.reason, _MOST_CHARACTERS),
    }  # fmt: skip
    if alert.ack is not None:
        fields["acknowledged_by"] = f"staff-{digest('staff', alert.ack.by)[:6]}"
        fields["acknowledged_after_s"] = _seconds_after_begin(alert, alert.ack.at)
    if alert.notified_at is not None:
        fields["notified_after_s"] = _seconds_after_begin(alert, alert.notified_at)
    return fields


def _seconds_after_begin(alert: Alert, at: int) -> float:
    return max(0.0, (at - alert.starts_at) / SECOND)
