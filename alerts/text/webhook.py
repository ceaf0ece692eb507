"""The messages of notifications for other systems: JSON as Alertmanager's webhook sends it, version 4."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from alerts.model.channel_message import ChannelMessage
from alerts.model.routed_alert import RoutedAlert
from alerts.text import texts
from ward.alert import Ack, Alert
from ward.clock import format_instant

MOST_BYTES = 256 * 1024
_NOT_ENDED = "0001-01-01T00:00:00Z"  # Go's zero time, as Alertmanager writes it


def webhook_message(
    key: str, group: str, updates: Sequence[RoutedAlert], still_active: Sequence[RoutedAlert], external_url: str
) -> ChannelMessage:
    """The message about a group; beyond `MOST_BYTES` the last alerts are left out, and counted as `truncatedAlerts`."""
    members = [*updates, *still_active]
    alerts = [_alert(routed, external_url) for routed in members]
    kept, size = 0, 0
    while kept < len(alerts) and (kept == 0 or size <= MOST_BYTES):
        size += len(json.dumps(alerts[kept]))
        kept += 1
    if size > MOST_BYTES and kept > 1:
        kept -= 1
    common = _common([alert["labels"] for alert in alerts])
    body = {
        "version": "4", "groupKey": group, "truncatedAlerts": len(alerts) - kept,
        "status": "firing" if any(routed.tracked.alert.active for routed in members) else "resolved",
        "receiver": members[0].route.receiver,
        "groupLabels": {name: text for name, text in common.items() if f'{name}="{text}"' in group},
        "commonLabels": common, "commonAnnotations": _common([alert["annotations"] for alert in alerts]),
        "externalURL": external_url, "alerts": alerts[:kept],
    }  # fmt: skip
    subject = (texts.WEBHOOK_ONE if len(alerts) == 1 else texts.WEBHOOK)(count=len(alerts), group=group)
    return ChannelMessage(key=key, subject=subject, body=json.dumps(body, ensure_ascii=False))


def _alert(routed: RoutedAlert, external_url: str) -> dict[str, Any]:
    alert = routed.tracked.alert
    return {
        "status": "firing" if alert.active else "resolved", "labels": dict(alert.labels),
        "annotations": {**alert.annotations, **_extra(alert), "notification": str(routed.reason or texts.UNCHANGED())},
        "startsAt": format_instant(alert.starts_at),
        "endsAt": _NOT_ENDED if alert.ends_at is None else format_instant(alert.ends_at),
        "generatorURL": alert.annotations.get("dashboard_url", external_url), "fingerprint": alert.fingerprint,
    }  # fmt: skip


def _extra(alert: Alert) -> dict[str, str]:
    acknowledged = {"acknowledged": _by(alert.ack)} if alert.ack else {}
    return {"alert_id": alert.id, **acknowledged}


def _by(ack: Ack) -> str:
    return texts.WEBHOOK_ACKNOWLEDGED(by=ack.by, time=format_instant(ack.at))


def _common(all_texts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = all_texts
    return {name: text for name, text in first.items() if all(other.get(name) == text for other in others)}
