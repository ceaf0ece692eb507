"""Fifth stage: while nobody has an alert, further people are told."""

from msgspec.structs import replace

from alerts.stages.batch import NEVER, Batch, Item
from alerts.tracking.tracked_alert import RouteMatch
from ward.clock import SECOND, Micros


def escalate(batch: Batch) -> Batch:
    """Adds the receivers whose time has come to what is told, active and unacknowledged; wakes for the next ones.

    The time counts from when people were first told, or since the alert has had nobody again:
    given back, or worse than what was acknowledged.
    """
    wake = NEVER

    def judge(item: Item) -> Item:
        nonlocal wake
        case = item.case
        if not item.ladder or item.muted or not case.waits_for_someone or case.first_told is None:
            return item
        since = max(case.first_told, case.unowned)
        have = {way.receiver for way in item.paths}
        more: list[RouteMatch] = []
        for after, way in item.ladder:
            due: Micros = since + round(after * SECOND)
            if due > batch.now:
                wake = min(wake, due)
            elif way.receiver not in have:
                have.add(way.receiver)
                more.append(way)
        return replace(item, paths=(*item.paths, *more)) if more else item

    return batch.each(judge).woken(wake)
