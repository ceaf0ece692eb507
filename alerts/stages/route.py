"""Fourth stage: which receivers an alert is for."""

from collections.abc import Iterator

from msgspec import structs

from alerts.model.route_match import RouteMatch
from alerts.routing.on_call import OnCall
from alerts.stages.batch import AlertBatch, BatchItem


def route(batch: AlertBatch) -> AlertBatch:
    """Gives each active alert its routes, one for each receiver. An ended alert goes to those who were notified.

    A receiver with a schedule is whoever is on call now. Who is not any more gets nothing further.
    """
    on_call = OnCall(batch.config.alerting, batch.now.wall)

    def decide(item: BatchItem) -> BatchItem:
        alert = item.tracked.alert
        if not alert.active:
            return structs.replace(item, routes=tuple(map(on_call.quiet_off_call, _notified_before(item))))
        by_config = batch.routes.routes(alert)
        routes = tuple(person for match in by_config.routes for person in on_call.people(match))
        escalations = tuple((s, person) for s, match in by_config.escalations for person in on_call.people(match))
        if item.tracked.notified:
            by_receiver = {m.receiver: m for m in _notified_before(item) if not on_call.is_off(m)}
            by_receiver.update({match.receiver: match for match in reversed(routes)})
            routes = tuple(by_receiver.values())
        return structs.replace(item, routes=routes, escalations=escalations)

    return batch.each(decide)


def _notified_before(item: BatchItem) -> Iterator[RouteMatch]:
    """Routes to receivers that were notified: they are notified of changes although the tree may no longer lead there.

    Only escalations are repeated; the others go without repeats and reminders, which those in the tree have by their
    own routes.
    """
    for last in item.tracked.notified.values():
        if not last.ended:
            silent = structs.replace(last.route, repeat_interval=0.0, remind_interval=0.0)
            yield last.route if last.route.escalated else silent
