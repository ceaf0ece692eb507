"""Third stage: what somebody asked to hear nothing of."""

from msgspec.structs import replace

from alerts.stages.batch import Batch, Item
from ward.reason import Reason


def silence(batch: Batch) -> Batch:
    """Mutes what an active silence matches, its end too; wakes when a silence begins or ends."""

    def judge(item: Item) -> Item:
        by = tuple(kept.silence.id for kept in batch.silences if kept.mutes(item.case.alert, batch.now))
        return replace(item, silenced_by=by).mute(Reason.SILENCED) if by else item

    turns = (at for kept in batch.silences for at in (kept.start, kept.end) if at > batch.now)
    return batch.each(judge).woken(min(turns, default=batch.wake))
