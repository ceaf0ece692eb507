"""Alerts of the store, as schemas of the API."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ward.clock import SECOND, Micros, parse_instant
from ward.ids import printable
from ward.ports import Row
from ward.simulated_past import is_simulated
from ward.tag_text import text_of_tag
from web.model.config_view import ConfigView
from web.presentation.alerts import place_name, recipients_of, worst_text
from web.presentation.instants import rfc3339
from web.presentation.notified import stored_text
from web.schemas import AckSchema, AlertSchema, SeverityChangeSchema

_YEAR_10000 = 253_402_300_800 * SECOND
# Each label, with the tags and fields that may have it.
_NAMES = {
    "alertname": ("alertname", "rule", "name"),
    "device_id": ("device_id", "device"),
    "metric": ("metric", "signal"),
    "patient_id": ("patient_id", "patient"),
}


class StoredAlert(NamedTuple):
    """An alert of the store, when it began, and the instant of its end, or of its newest state."""

    at: Micros
    begin: Micros
    schema: AlertSchema


def stored_alerts(view: ConfigView, rows: Iterable[Row]) -> list[StoredAlert]:
    """The newest state of each alert, newest first. A row without the id of an alert is ignored."""
    found: dict[str, StoredAlert] = {}
    for row in rows:
        id_ = str(row.fields.get("id") or row.fields.get("episode") or "")
        if id_ and id_ not in found:
            at = _instant(row.fields, "ends_at", "updated_at") or row.at
            begin = _instant(row.fields, "starts_at", "onset") or row.at
            found[id_] = StoredAlert(at, begin, _alert(view, id_, row, begin))
    return list(found.values())


def _alert(view: ConfigView, id_: str, row: Row, begin: Micros) -> AlertSchema:
    fields = row.fields
    tags = {name: text_of_tag(tag) for name, tag in row.tags.items()}
    texts = {**tags, **{k: v for k, v in fields.items() if isinstance(v, str)}}
    labels = {key: texts[key] for key in ("ward", "bed", "severity", "kind") if texts.get(key)}
    labels |= {label: value for label, names in _NAMES.items() if (value := _first(texts, names))}
    where = place_name(view, labels)
    ended = texts.get("ended", "")
    worst, limit = _number(fields, "worst"), _number(fields, "limit")
    receivers = [printable(name, 120) for name in texts.get("receivers", "").split(", ") if name]
    return {
        "id": id_, "fingerprint": texts.get("fingerprint", ""), "name": labels.get("alertname", ""),
        "state": texts.get("state") or ("ended" if ended else "active"),
        "severity": labels.get("severity", ""), "kind": labels.get("kind", ""),
        "ward": labels.get("ward", ""), "bed": labels.get("bed", ""), "label": printable(where, 80),
        "device": labels.get("device_id", ""), "metric": labels.get("metric", ""),
        "text": printable(_first(texts, ("summary", "text", "description")).removeprefix(f"{where}: "), 300),
        "since": rfc3339(begin),
        "updated": rfc3339(_instant(fields, "updated_at") or row.at),
        "ends": rfc3339(_instant(fields, "ends_at") or (row.at if ended else None)), "ended": ended,
        "ack": _ack(fields),
        "signal_lost_since": rfc3339(_instant(fields, "signal_lost_since")),
        "detected_late_s": _number(fields, "detected_late_s") or 0.0,
        "value": _number(fields, "value"), "limit": limit, "source": "",
        "value_at": None, "worst": worst, "worst_text": worst_text(view, labels, worst, limit), "worst_at": None,
        "peak_severity": texts.get("peak_severity") or labels.get("severity", ""),
        "peak_text": printable(texts.get("peak_text", ""), 300), "course": _course(fields),
        "labels": labels, "annotations": {},
        "latched": "", "reason": printable(texts.get("reason", ""), 200),
        "notified": stored_text(
            texts.get("reason", ""), _instant(fields, "notified_at"), view.config.alerting.timezone
        ),
        "notified_at": rfc3339(_instant(fields, "notified_at")),
        "receivers": receivers, "recipients": recipients_of(view.config.alerting, receivers), "silenced_by": [],
        "inhibited_by": [], "problems": [], "silences": [], "inhibitors": [],
        "actions": [], "simulated": is_simulated(row),
    }  # fmt: skip


def _course(fields: Mapping[str, object]) -> list[SeverityChangeSchema]:
    """The severities of `course`, as `medium 15, high 62`, with their times."""
    begin, text = _instant(fields, "starts_at"), fields.get("course")
    if begin is None or not isinstance(text, str):
        return []
    found = re.findall(r"(low|medium|high) (\d{1,9})", text)
    return [{"severity": severity, "at": rfc3339(begin + int(after) * SECOND)} for severity, after in found]


def _first(texts: Mapping[str, str], names: Iterable[str]) -> str:
    return next((texts[name] for name in names if texts.get(name)), "")


def _number(fields: Mapping[str, object], name: str) -> float | None:
    value = fields.get(name)
    return float(value) if isinstance(value, int | float) else None


def _instant(fields: Mapping[str, object], *names: str) -> Micros | None:
    """The first of these fields that is an instant before the year 10000, as RFC 3339 or as seconds since 1970."""
    for name in names:
        value = fields.get(name)
        try:
            if isinstance(value, str) and value:
                return parse_instant(value)
            if isinstance(value, int | float) and 0 <= (at := round(value * SECOND)) < _YEAR_10000:
                return at
        except (ValueError, OverflowError):
            continue
    return None


def _ack(fields: Mapping[str, object]) -> AckSchema | None:
    by = fields.get("ack_by") or fields.get("acknowledged_by")
    at = rfc3339(_instant(fields, "ack_at", "acknowledged_at"))
    if not by:
        return None
    return {
        "by": printable(str(by), 80), "at": at or "", "note": printable(str(fields.get("ack_note", "")), 300),
        "taken_over_from": printable(str(fields.get("taken_over_from", "")), 80),
    }  # fmt: skip
