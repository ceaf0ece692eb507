"""Sixth stage: while nobody has acknowledged an alert, further receivers are added."""

from msgspec.structs import replace

from alerts.model.route_match import RouteMatch
from alerts.model.routed_alert import NEVER
from alerts.stages.batch import AlertBatch, BatchItem
from ward.clock import SECOND, Micros


def escalate(batch: AlertBatch) -> AlertBatch:
    """Adds the escalations that are due to the routes of active, unacknowledged alerts; wakes for the next ones.

    The time counts from the first notification, or from when the alert was last unacknowledged again: by a person,
    or because it got worse than what was acknowledged. The first escalation is due at once where a channel is known to
    have reached nobody.
    """
    wake_at = NEVER

    def decide(item: BatchItem) -> BatchItem:
        nonlocal wake_at
        tracked = item.tracked
        if not item.escalations or item.muted or not tracked.unacknowledged or tracked.first_notified is None:
            return item
        since = max(tracked.first_notified, tracked.unacknowledged_since)
        receivers = {match.receiver for match in item.routes}
        added: list[RouteMatch] = []
        for step, (after, match) in enumerate(item.escalations):
            due: Micros = since + round(after * SECOND)
            if step == 0 and tracked.unreached_at >= since:
                due = min(due, tracked.unreached_at)
            if due > batch.now.steady:
                wake_at = min(wake_at, due)
            elif match.receiver not in receivers:
                receivers.add(match.receiver)
                added.append(match)
        return replace(item, routes=(*item.routes, *added)) if added else item

    return batch.each(decide).wake(wake_at)
