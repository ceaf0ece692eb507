"""The course of an alert as fields: its worst value, the condition at its worst, and its severities."""

from ward.alert import Alert
from ward.clock import SECOND
from ward.ids import printable
from ward.ports.store import Value

_MOST_CHARACTERS = 400


def peak_fields(alert: Alert) -> dict[str, Value]:
    """`last_severity` is what the alert has now, or had at its end. `course` are its severities with the seconds after
    the beginning: `medium 15, high 62, medium 180`."""
    fields: dict[str, Value] = {
        "peak_severity": str(alert.peak_severity), "last_severity": str(alert.severity),
        "peak_text": printable(alert.peak_text, _MOST_CHARACTERS),
        "course": ", ".join(f"{one.severity} {_after_begin(alert, one.at):.0f}" for one in alert.course),
    }  # fmt: skip
    if alert.worst is not None:
        fields["worst"] = alert.worst
    if alert.worst_at is not None:
        fields["worst_after_s"] = _after_begin(alert, alert.worst_at)
    return fields


def _after_begin(alert: Alert, at: int) -> float:
    return max(0.0, (at - alert.starts_at) / SECOND)
