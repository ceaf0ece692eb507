"""Third stage: silences."""

from msgspec.structs import replace

from alerts.stages.batch import AlertBatch, BatchItem
from ward.reason import Reason


def silence(batch: AlertBatch) -> AlertBatch:
    """Mutes what an active silence matches, its end too; wakes when a silence starts or ends."""
    now = batch.now.steady
    muting = batch.silence_matches.active([item.tracked for item in batch.items], batch.silences, now)

    def decide(item: BatchItem) -> BatchItem:
        by = muting.get(item.id)
        return replace(item, silenced_by=by).mute(Reason.SILENCED) if by else item

    changes = (at for timed in batch.silences for at in (timed.start, timed.end) if at > now)
    return (batch.each(decide) if muting else batch).wake(min(changes, default=batch.wake_at))
