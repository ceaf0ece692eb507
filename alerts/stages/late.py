"""First stage: holds an alert that was detected late for a short time, because it may have ended already."""

from alerts.stages.batch import AlertBatch, BatchItem
from ward.reason import Reason


def late(batch: AlertBatch) -> AlertBatch:
    """Mutes late alerts until `held_until`, and for good those that ended before that."""

    def decide(item: BatchItem) -> BatchItem:
        tracked = item.tracked
        if not tracked.held_until or tracked.notified:
            return item
        if not tracked.alert.active:
            return item.mute(Reason.LATE_AND_ENDED)
        return item.mute(Reason.LATE_HOLD) if batch.now.steady < tracked.held_until else item

    decided = batch.each(decide)
    held = (item.tracked.held_until for item in decided.items if item.muted is Reason.LATE_HOLD)
    return decided.wake(min(held, default=batch.wake_at))
