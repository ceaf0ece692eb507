"""Fifth stage: mute times, during which technical alerts are not sent."""

from msgspec.structs import replace

from alerts.stages.batch import AlertBatch, BatchItem
from ward.clock import SECOND
from ward.config.mute_time import muted
from ward.reason import Reason

MINUTE = 60 * SECOND


def mute(batch: AlertBatch) -> AlertBatch:
    """Takes away the routes that are muted now; an alert without any left is muted. Wakes at the next minute.

    An end is not muted, and neither is any alert about a patient, whatever the config says.
    """
    times, zone = batch.config.alerting.mute_times, batch.config.alerting.timezone
    if not times:
        return batch
    now_muted = frozenset(muted(times, tuple(time.name for time in times), batch.now.wall, zone))
    any_muted = False

    def decide(item: BatchItem) -> BatchItem:
        nonlocal any_muted
        if item.tracked.physiological or not item.tracked.alert.active:
            return item
        left = tuple(match for match in item.routes if not now_muted.intersection(match.mute))
        if len(left) == len(item.routes):
            return item
        any_muted = True
        return replace(item, routes=left) if left else item.mute(Reason.MUTE_TIME)

    decided = batch.each(decide)
    # A mute time starts and ends at a full minute of the wall clock.
    return decided.wake(batch.now.steady + MINUTE - batch.now.wall % MINUTE) if any_muted else decided
