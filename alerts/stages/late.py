"""First stage: what was detected late waits a moment, for it may be over already."""

from alerts.stages.batch import Batch, Item
from ward.reason import Reason


def late(batch: Batch) -> Batch:
    """Mutes late alerts until their hold is over, and those for good whose end came before that."""

    def judge(item: Item) -> Item:
        case = item.case
        if not case.hold or case.told:
            return item
        if not case.alert.active:
            return item.mute(Reason.LATE_AND_OVER)
        return item.mute(Reason.HELD) if batch.now < case.hold else item

    held = batch.each(judge)
    return held.woken(min((i.case.hold for i in held.items if i.muted is Reason.HELD), default=batch.wake))
