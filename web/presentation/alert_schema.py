"""An alert, as a shape of the API: whole, and in words that do not repeat whose bed it is."""

from collections.abc import Iterable

from ward.alert import DELIVERY, ActionRecord, Alert
from ward.clock import Micros, format_instant
from ward.config.alerting import Alerting
from ward.ids import printable
from ward.silence import Silence
from web.model.config_view import ConfigView
from web.model.read_model import ReadModel
from web.schemas import AckSchema, ActionSchema, AlertSchema, InhibitorSchema, ProblemSchema, SilenceSchema, WaySchema


def instant(at: Micros | None) -> str | None:
    """RFC 3339, or None."""
    return None if at is None else format_instant(at)


def alert_schema(model: ReadModel, alert: Alert, now: Micros) -> AlertSchema:
    """Everything that is known of an alert, and of what keeps people from hearing of it."""
    config_view, labels = model.config_view, alert.labels
    ways = _ways(config_view.config.alerting, alert)
    silences = (model.silences.get(id_) for id_ in alert.silenced_by)
    inhibitors = (model.alerts.get(id_) for id_ in alert.inhibited_by)
    return {
        "id": alert.id, "fingerprint": alert.fingerprint, "name": labels.get("alertname", ""),
        "state": str(alert.state), "severity": str(alert.severity), "kind": str(alert.kind),
        "ward": labels.get("ward", ""), "bed": labels.get("bed", ""),
        "label": printable(place_name(config_view, labels), 80),
        "device": labels.get("device_id", ""), "metric": labels.get("metric", ""), "text": _text(config_view, alert),
        "since": format_instant(alert.starts_at), "updated": format_instant(alert.updated_at),
        "ends": instant(alert.ends_at), "ended": str(alert.ended or ""), "ack": _ack(alert),
        "lost_since": instant(alert.lost_since), "late": alert.late, "value": alert.value, "limit": alert.limit,
        "labels": dict(labels), "annotations": dict(alert.annotations),
        "latched": str(alert.latched or ""), "reason": printable(alert.reason, 200),
        "notified_at": instant(alert.notified_at), "receivers": [printable(name, 120) for name in alert.receivers],
        "silenced_by": list(alert.silenced_by), "inhibited_by": list(alert.inhibited_by),
        "ways": ways, "problems": _problems(model, ways),
        "silences": [silence_schema(silence, now) for silence in silences if silence is not None],
        "inhibitors": [_inhibitor(config_view, other) for other in inhibitors if other is not None],
        "actions": [_action(action) for action in alert.actions], "simulated": False,
    }  # fmt: skip


def silence_schema(silence: Silence, now: Micros) -> SilenceSchema:
    """A silence."""
    return {
        "id": silence.id, "state": str(silence.state(now)),
        "matchers": [printable(str(matcher), 600) for matcher in silence.matchers],
        "starts": format_instant(silence.starts_at), "ends": format_instant(silence.ends_at),
        "updated": format_instant(silence.updated_at), "by": printable(silence.by, 80),
        "comment": printable(silence.comment, 600), "alert": silence.alert,
    }  # fmt: skip


def place_name(config_view: ConfigView, labels: dict[str, str]) -> str:
    """What people call the place an alert is about."""
    bed = labels.get("bed", "")
    if bed:
        return config_view.inventory.label(bed)
    return " ".join(part for part in (labels.get("ward", ""), labels.get("device_id", "")) if part)


def _text(config_view: ConfigView, alert: Alert) -> str:
    said = alert.annotations
    text = said.get("summary") or said.get("description") or alert.labels.get("alertname", "")
    return printable(text.removeprefix(f"{place_name(config_view, alert.labels)}: "), 300)


def _ways(alerting: Alerting, alert: Alert) -> list[WaySchema]:
    """Its receivers with their channels. One that no config names is everyone, as the alerts have it."""
    known = {receiver.name: receiver.channels for receiver in alerting.receivers}
    broken = alert.labels.get("channel", "") if alert.source == DELIVERY else ""
    everyone = tuple(channel.name for channel in alerting.channels if channel.name != broken)
    return [{"receiver": printable(name, 120), "channels": list(known.get(name, everyone))} for name in alert.receivers]


def _problems(model: ReadModel, ways: Iterable[WaySchema]) -> list[ProblemSchema]:
    failing = model.alerts.problems()
    if not failing:
        return []
    channels = dict.fromkeys(channel for way in ways for channel in way["channels"] if channel in failing)
    return [
        {
            "channel": channel, "since": format_instant(failing[channel].starts_at),
            "text": _text(model.config_view, failing[channel]), "alert": failing[channel].id,
        }
        for channel in channels
    ]  # fmt: skip


def _inhibitor(config_view: ConfigView, alert: Alert) -> InhibitorSchema:
    where = printable(place_name(config_view, alert.labels), 80)
    text = _text(config_view, alert)
    return {
        "id": alert.id, "severity": str(alert.severity), "bed": alert.labels.get("bed", ""),
        "text": f"{where}: {text}" if where else text,
    }  # fmt: skip


def _action(action: ActionRecord) -> ActionSchema:
    return {
        "type": str(action.type), "by": printable(action.by, 80), "at": format_instant(action.at),
        "note": printable(action.note, 300),
    }  # fmt: skip


def _ack(alert: Alert) -> AckSchema | None:
    ack = alert.ack
    if ack is None:
        return None
    return {"by": printable(ack.by, 80), "at": format_instant(ack.at), "note": printable(ack.note, 300)}
