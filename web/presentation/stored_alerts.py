"""Alerts that only the store remembers, as shapes of the API."""

from collections.abc import Iterable, Mapping

from ward.clock import SECOND, format_instant, parse_instant
from ward.ids import printable
from ward.ports import Event
from ward.simulated_past import is_simulated
from web.model.config_view import ConfigView
from web.presentation.alert_schema import place_name
from web.schemas import AckSchema, AlertSchema

# Each label, and the tags and fields that may hold it.
_NAMES = {
    "alertname": ("alertname", "rule", "name"),
    "device_id": ("device_id", "device"),
    "metric": ("metric", "signal"),
    "patient_id": ("patient_id", "patient"),
}


def past(config_view: ConfigView, events: Iterable[Event]) -> list[AlertSchema]:
    """The newest word on each alert, newest first. An event that names no alert tells nothing here."""
    found: dict[str, AlertSchema] = {}
    for event in events:
        id_ = str(event.fields.get("id") or event.fields.get("episode") or "")
        if id_ and id_ not in found:
            found[id_] = _alert(config_view, id_, event)
    return list(found.values())


def _alert(config_view: ConfigView, id_: str, event: Event) -> AlertSchema:
    fields = event.fields
    said = {**event.tags, **{k: v for k, v in fields.items() if isinstance(v, str)}}
    labels = {key: said[key] for key in ("ward", "bed", "severity", "kind") if said.get(key)}
    labels |= {label: value for label, names in _NAMES.items() if (value := _first(said, names))}
    where = place_name(config_view, labels)
    at = format_instant(event.at)
    ended = said.get("ended", "")
    return {
        "id": id_, "fingerprint": said.get("fingerprint", ""), "name": labels.get("alertname", ""),
        "state": said.get("state") or ("ended" if ended else "active"),
        "severity": labels.get("severity", ""), "kind": labels.get("kind", ""),
        "ward": labels.get("ward", ""), "bed": labels.get("bed", ""), "label": printable(where, 80),
        "device": labels.get("device_id", ""), "metric": labels.get("metric", ""),
        "text": printable(_first(said, ("summary", "text", "description")).removeprefix(f"{where}: "), 300),
        "since": _time(fields, "starts_at", "onset") or at, "updated": _time(fields, "updated_at") or at,
        "ends": _time(fields, "ends_at") or (at if ended else None), "ended": ended, "ack": _ack(fields),
        "lost_since": _time(fields, "lost_since"), "late": _number(fields, "late") or 0.0,
        "value": _number(fields, "value"), "limit": _number(fields, "limit"), "labels": labels, "annotations": {},
        "latched": "", "reason": printable(said.get("reason", ""), 200), "notified_at": _time(fields, "notified_at"),
        "receivers": [], "silenced_by": [], "inhibited_by": [], "ways": [], "problems": [], "silences": [],
        "inhibitors": [], "actions": [], "simulated": is_simulated(event),
    }  # fmt: skip


def _first(said: Mapping[str, str], names: Iterable[str]) -> str:
    return next((said[name] for name in names if said.get(name)), "")


def _number(fields: Mapping[str, object], name: str) -> float | None:
    value = fields.get(name)
    return float(value) if isinstance(value, int | float) else None


def _time(fields: Mapping[str, object], *names: str) -> str | None:
    """An instant written as seconds since 1970 or as RFC 3339."""
    for name in names:
        value = fields.get(name)
        try:
            if isinstance(value, str) and value:
                return format_instant(parse_instant(value))
            if isinstance(value, int | float):
                return format_instant(round(value * SECOND))
        except (ValueError, OverflowError):
            continue
    return None


def _ack(fields: Mapping[str, object]) -> AckSchema | None:
    by = fields.get("ack_by") or fields.get("acknowledged_by")
    at = _time(fields, "ack_at", "acknowledged_at")
    return (
        {"by": printable(str(by), 80), "at": at or "", "note": printable(str(fields.get("ack_note", "")), 300)}
        if by
        else None
    )
