"""Fills an empty state from the log, so that no active alert is lost with the store."""

from msgspec import structs

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.tracking.alert_state import AlertState
from ward.alert import DELIVERY, REBUILT, Alert
from ward.ports import Log
from ward.topics import ALERTS
from ward.wire import ALERT_WIRE


def rebuild(log: Log, state: AlertState, now: Now) -> bool:
    """Adds the active alerts of the log. Returns whether there were any alerts at all. Raises `LogUnavailable`.

    The findings that are still in the log must be in `state` already.
    """
    published = {
        alert.fingerprint: alert
        for partition in log.partitions(ALERTS)
        for batch in log.scan(partition)
        for alert in ALERT_WIRE.decode_many(batch.values)
        if isinstance(alert, Alert)
    }
    for alert in published.values():
        if alert.active and alert.source not in (DELIVERY, REBUILT):
            _add(state, alert, now)
    return bool(published)


def _add(state: AlertState, alert: Alert, now: Now) -> None:
    tracked = state.tracked(alert.id)
    if tracked is None:
        unsent = structs.replace(
            alert, reason="", notified_at=None, sent_to=(), receipts=(), silenced_by=(), inhibited_by=()
        )
        at = now.steady
        state.put(
            TrackedAlert(alert=unsent, tracked_since=at, changed_at=at, unacknowledged_since=at, acknowledged_since=at)
        )
    elif tracked.alert.active:
        # The finding was read again: the alert itself was not detected late.
        in_time = tracked.with_alert(detected_late_s=alert.detected_late_s, annotations=alert.annotations)
        state.put(structs.replace(in_time, held_until=0))
