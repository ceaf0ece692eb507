"""Applies what the stages decided to the state."""

from collections.abc import Set as AbstractSet

from msgspec import structs

from alerts.model.now import Now
from alerts.stages.batch import AlertBatch, BatchItem
from alerts.tracking.alert_state import AlertState
from ward.metrics import Metrics
from ward.reason import Reason

_NOTIFYING = frozenset(str(reason) for reason in Reason if reason.notifies)


def apply_decisions(batch: AlertBatch, state: AlertState, metrics: Metrics) -> None:
    """Puts alerts and groups as they left the stages into the state, and the messages into the outbox.

    Each notification is counted by its reason, and every other decision that is new for its alert.
    """
    sent = [(update.id, update.reason) for group in batch.groups for update in group.updates if update.reason]
    for _, reason in sent:
        metrics.notification_decisions.labels(reason.label).inc()
    sent_ids = frozenset(id_ for id_, _ in sent)
    for item in batch.items:
        _apply(item, batch.now, sent_ids, state, metrics)
    for group in batch.groups:
        if group.updates:
            state.put_group(batch.group_states[group.state.key], batch.now)
    state.enqueue(batch.outbox)


def _apply(item: BatchItem, now: Now, sent: AbstractSet[str], state: AlertState, metrics: Metrics) -> None:
    """One alert with its last reason; it is closed when it has ended and no notification about it is to come."""
    alert = item.tracked.alert
    # "Sent, and nothing has changed" does not replace the reason for which it was sent.
    same = item.reason is None or (item.reason is Reason.UNCHANGED and alert.reason in _NOTIFYING)
    reason = alert.reason if same else str(item.reason)
    if item.reason is not None and reason != alert.reason and alert.id not in sent:
        metrics.notification_decisions.labels(item.reason.label).inc()
    after = structs.replace(
        alert, reason=reason, silenced_by=item.silenced_by, inhibited_by=item.inhibited_by,
        receivers=tuple(match.receiver for match in item.routes) if alert.active else alert.receivers,
    )  # fmt: skip
    if after != alert:
        after = structs.replace(after, updated_at=now.wall)
    state.put(structs.replace(item.tracked, alert=after))
    if not alert.active and not item.pending:
        state.close_alert(alert.id)
