"""An alert, as a shape of the API: whole, and in words that do not repeat whose bed it is."""

from collections.abc import Iterable
from typing import Any

from ward.alert import Alert
from ward.clock import Micros, format_instant
from ward.ids import printable
from web.shapes import AckShape, AlertShape, DoneShape
from web.views.frame import Frame


def instant(at: Micros | None) -> str | None:
    """RFC 3339, or None."""
    return None if at is None else format_instant(at)


def tell_alert(frame: Frame, alert: Alert) -> AlertShape:
    """Everything that is known of an alert."""
    labels, annotations = alert.labels, alert.annotations
    where = whereabouts(frame, labels)
    text = annotations.get("summary") or annotations.get("description") or labels.get("alertname", "")
    return {
        "id": alert.id, "fingerprint": alert.fingerprint, "name": labels.get("alertname", ""),
        "state": str(alert.state), "severity": str(alert.severity), "kind": str(alert.kind),
        "ward": labels.get("ward", ""), "bed": labels.get("bed", ""), "label": printable(where, 80),
        "device": labels.get("device_id", ""), "metric": labels.get("metric", ""),
        "text": printable(text.removeprefix(f"{where}: "), 300),
        "since": format_instant(alert.starts_at), "updated": format_instant(alert.updated_at),
        "ends": instant(alert.ends_at), "ended": str(alert.ended or ""), "ack": _ack(alert),
        "lost_since": instant(alert.lost_since), "late": alert.late, "value": alert.value, "limit": alert.limit,
        "labels": dict(labels), "annotations": dict(annotations),
        "latched": str(getattr(alert, "latched", None) or ""), "reason": printable(getattr(alert, "reason", ""), 200),
        "told_at": instant(getattr(alert, "told_at", None)), "receivers": list(getattr(alert, "receivers", ())),
        "silenced_by": list(getattr(alert, "silenced_by", ())),
        "inhibited_by": list(getattr(alert, "inhibited_by", ())),
        "done": _done(getattr(alert, "done", ())),
    }  # fmt: skip


def whereabouts(frame: Frame, labels: dict[str, str]) -> str:
    """What people call the place an alert is about."""
    bed = labels.get("bed", "")
    if bed:
        return frame.inventory.label(bed)
    return " ".join(part for part in (labels.get("ward", ""), labels.get("device_id", "")) if part)


def _done(done: Iterable[Any]) -> list[DoneShape]:
    return [
        {
            "deed": str(d.deed), "by": printable(d.by, 80), "at": format_instant(d.at),
            "note": printable(d.note, 300),
        }
        for d in done
    ]  # fmt: skip


def _ack(alert: Alert) -> AckShape | None:
    ack = alert.ack
    if ack is None:
        return None
    return {"by": printable(ack.by, 80), "at": format_instant(ack.at), "note": printable(ack.note, 300)}
