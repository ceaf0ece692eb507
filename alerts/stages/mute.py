"""Stage after the routes: equipment that may be quiet at this time of day."""

from msgspec.structs import replace

from alerts.stages.batch import Batch, Item
from ward.clock import SECOND
from ward.config.mute_time import muted
from ward.reason import Reason

MINUTE = 60 * SECOND


def mute(batch: Batch) -> Batch:
    """Takes away the ways that are quiet now; one without any left is muted. Wakes at the next minute.

    An end is not held back, and neither is anything about a patient, whatever the config says.
    """
    times, zone = batch.config.alerting.mute_times, batch.config.alerting.timezone
    if not times:
        return batch
    quiet = frozenset(muted(times, tuple(time.name for time in times), batch.wall, zone))
    hushed = False

    def judge(item: Item) -> Item:
        nonlocal hushed
        if item.case.physiological or not item.case.alert.active:
            return item
        left = tuple(path for path in item.paths if not quiet.intersection(path.mute))
        if len(left) == len(item.paths):
            return item
        hushed = True
        return replace(item, paths=left) if left else item.mute(Reason.QUIET_TIME)

    after = batch.each(judge)
    # By the wall: a window begins and ends at a full minute of people's clocks.
    return after.woken(batch.now + MINUTE - batch.wall % MINUTE) if hushed else after
