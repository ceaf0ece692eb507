"""Alerts and silences, as schemas of the API."""

from collections.abc import Iterable, Sequence

from ward.alert import DELIVERY, REBUILT, ActionRecord, Alert
from ward.clock import Micros
from ward.config.alerting import Alerting
from ward.config.schedules import channels_by_name
from ward.ids import printable
from ward.limit_text import quantity
from ward.silence import Silence
from ward.text_template import TextKind, TextTemplate
from web.board.live_alert import live_alert
from web.model.config_view import ConfigView
from web.model.now import Now
from web.model.read_model import ReadModel
from web.presentation.instants import rfc3339
from web.presentation.notified import notified_text
from web.schemas import (
    AckSchema,
    ActionSchema,
    AlertSchema,
    InhibitorSchema,
    ProblemSchema,
    RecipientSchema,
    SeverityChangeSchema,
    SilenceSchema,
)

# An alert that is only active because nobody has acknowledged it stands beside values of now.
WAS = TextTemplate(TextKind.NOTE, "Was {severity} priority: {text}", severity="HIGH", text="SpO2 77 % < 85")
_MUTES_NOTHING = TextTemplate(
    TextKind.NOTE, "{reason}: this silence mutes no alert", reason="there is no bed 'med-99'; did you mean 'med-09'?"
)  # fmt: skip


def alert_schema(model: ReadModel, alert: Alert, now: Now) -> AlertSchema:
    """An alert with its live value, its recipients, what mutes it, and the channels that do not deliver."""
    alert = live_alert(model, alert, now)
    view, labels = model.config_view, alert.labels
    broken = labels.get("channel", "") if alert.source == DELIVERY else ""
    recipients = recipients_of(view.config.alerting, alert.receivers, broken)
    silences = (model.silences.get(id_) for id_ in alert.silenced_by)
    inhibitors = (model.alerts.get(id_) for id_ in alert.inhibited_by)
    return {
        "id": alert.id, "fingerprint": alert.fingerprint, "name": labels.get("alertname", ""),
        "state": str(alert.state), "severity": str(alert.severity), "kind": str(alert.kind),
        "ward": labels.get("ward", ""), "bed": labels.get("bed", ""),
        "label": printable(place_name(view, labels), 80),
        "device": labels.get("device_id", ""), "metric": labels.get("metric", ""), "text": alert_text(view, alert),
        "since": rfc3339(alert.starts_at), "updated": rfc3339(alert.updated_at),
        "ends": rfc3339(alert.ends_at), "ended": str(alert.ended or ""), "ack": _ack(alert),
        "signal_lost_since": rfc3339(alert.signal_lost_since), "detected_late_s": alert.detected_late_s,
        "value": alert.value, "limit": alert.limit, "value_at": rfc3339(alert.value_at),
        "worst": alert.worst, "worst_text": worst_text(view, labels, alert.worst, alert.limit),
        "worst_at": rfc3339(alert.worst_at),
        "peak_severity": str(alert.peak_severity), "peak_text": printable(alert.peak_text, 300),
        "course": _course(alert),
        "source": printable(alert.source, 80), "labels": dict(labels), "annotations": dict(alert.annotations),
        "latched": "" if alert.source == REBUILT else str(alert.latched or ""), "reason": printable(alert.reason, 200),
        "notified": notified_text(alert, view.config.alerting.timezone, now.wall),
        "notified_at": rfc3339(alert.notified_at), "receivers": [printable(name, 120) for name in alert.receivers],
        "silenced_by": list(alert.silenced_by), "inhibited_by": list(alert.inhibited_by),
        "recipients": recipients, "problems": _problems(model, recipients),
        "silences": [silence_schema(silence, now.wall) for silence in silences if silence is not None],
        "inhibitors": [_inhibitor(view, live_alert(model, other, now)) for other in inhibitors if other is not None],
        "actions": [_action(action) for action in alert.actions], "simulated": False,
    }  # fmt: skip


def silence_schema(silence: Silence, now: Micros, warnings: Sequence[str] = ()) -> SilenceSchema:
    """A silence, with the reasons why it mutes no alert."""
    return {
        "id": silence.id, "state": str(silence.state(now)),
        "matchers": [printable(str(matcher), 600) for matcher in silence.matchers],
        "starts": rfc3339(silence.starts_at), "ends": rfc3339(silence.ends_at),
        "updated": rfc3339(silence.updated_at), "by": printable(silence.by, 80),
        "comment": printable(silence.comment, 600), "alert": silence.alert,
        "warnings": list(warnings),
    }  # fmt: skip


def silence_warnings(model: ReadModel, silence: Silence) -> list[str]:
    """Why a silence mutes no alert that the config in force can raise, as of a bed that does not exist.

    Empty where it mutes one that is active now, which may be of another system. The caller holds the lock of the model.
    """
    reasons = [] if silence.alert else model.config_view.no_match(silence.matchers)
    if not reasons or any(silence.mutes(alert.labels) for alert in model.alerts.active()):
        return []
    return [_MUTES_NOTHING(reason=printable(reason, 300)) for reason in reasons]


def place_name(view: ConfigView, labels: dict[str, str]) -> str:
    """The label of the bed that an alert is about; of an alert about no bed, its ward and its device."""
    bed = labels.get("bed", "")
    if bed:
        return view.inventory.label(bed)
    return " ".join(part for part in (labels.get("ward", ""), labels.get("device_id", "")) if part)


def alert_title(view: ConfigView, labels: dict[str, str]) -> str:
    """The name of an alert with its place, if it has one: `ICU bed 7: hypoxia`."""
    where, name = place_name(view, labels), labels.get("alertname", "alert")
    return f"{where}: {name}" if where else name


def alert_text(view: ConfigView, alert: Alert) -> str:
    """The text of an alert without the label of its place; what has ended says that it is of before."""
    texts = alert.annotations
    text = texts.get("summary") or texts.get("description") or alert.labels.get("alertname", "")
    text = printable(text.removeprefix(f"{place_name(view, alert.labels)}: "), 300)
    return WAS(severity=str(alert.peak_severity).upper(), text=text) if alert.is_over else text


def worst_text(view: ConfigView, labels: dict[str, str], worst: float | None, limit: float | None) -> str:
    """The worst value with its unit: `84 %`; empty where there is none."""
    return "" if worst is None else quantity(view.signal(labels.get("metric", "")), worst, limit)


def recipients_of(alerting: Alerting, receivers: Iterable[str], broken: str = "") -> list[RecipientSchema]:
    """Receivers with their channels; all but the `broken` channel for a receiver that the config does not have."""
    known = channels_by_name(alerting)
    all_channels = tuple(channel.name for channel in alerting.channels if channel.name != broken)
    return [{"receiver": printable(name, 120), "channels": list(known.get(name, all_channels))} for name in receivers]


def _problems(model: ReadModel, recipients: Iterable[RecipientSchema]) -> list[ProblemSchema]:
    failing = model.alerts.delivery_problems()
    if not failing:
        return []
    channels = dict.fromkeys(
        channel for recipient in recipients for channel in recipient["channels"] if channel in failing
    )
    return [
        {
            "channel": channel, "since": rfc3339(failing[channel].starts_at),
            "text": alert_text(model.config_view, failing[channel]), "alert": failing[channel].id,
        }
        for channel in channels
    ]  # fmt: skip


def _inhibitor(view: ConfigView, alert: Alert) -> InhibitorSchema:
    where = printable(place_name(view, alert.labels), 80)
    text = alert_text(view, alert)
    return {
        "id": alert.id, "severity": str(alert.severity), "bed": alert.labels.get("bed", ""),
        "text": f"{where}: {text}" if where else text,
    }  # fmt: skip


def _action(action: ActionRecord) -> ActionSchema:
    return {
        "type": str(action.type), "by": printable(action.by, 80), "at": rfc3339(action.at),
        "note": printable(action.note, 300),
    }  # fmt: skip


def _course(alert: Alert) -> list[SeverityChangeSchema]:
    return [{"severity": str(one.severity), "at": rfc3339(one.at)} for one in alert.course]


def _ack(alert: Alert) -> AckSchema | None:
    ack = alert.ack
    if ack is None:
        return None
    return {
        "by": printable(ack.by, 80), "at": rfc3339(ack.at), "note": printable(ack.note, 300),
        "taken_over_from": printable(ack.taken_over_from, 80),
    }  # fmt: skip
