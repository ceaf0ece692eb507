"""Eighth stage: whether there is anything to notify a receiver of, now or later, and why."""

from dataclasses import replace

from msgspec import structs

from alerts.model.group_state import GroupState
from alerts.model.routed_alert import NEVER, RoutedAlert
from alerts.stages.batch import AlertBatch, AlertGroup, BatchItem
from alerts.stages.known_places import KnownPlace, known_places, place_for
from ward.clock import SECOND, Micros
from ward.finding import Severity
from ward.reason import Reason

# HIGH alerts of equipment are sent immediately too; further ones of the group are collected for so long.
HIGH_TECHNICAL_WAIT = 5 * SECOND
# A place (bed or device) that a receiver knows of, by the receiver's name; whether from another system's alert.
KnownPlaces = set[KnownPlace]
# What is true until a notification for these reasons is due.
_UNTIL_DUE = {Reason.REPEATED: Reason.UNCHANGED, Reason.REMINDED: Reason.ACKNOWLEDGED}


def dedup(batch: AlertBatch) -> AlertBatch:
    """Decides for each group. As soon as one update of it is due, all its updates go into one notification."""
    known = set(known_places(batch))
    undecided: list[RoutedAlert] = []
    groups: list[AlertGroup] = []
    for group in batch.groups:
        decided = [_decide(member, group.state, batch.now.steady, known) for member in group.members]
        groups.append(_with_updates(group, decided, batch.now.steady))
        updates = {update.id for update in groups[-1].updates}
        undecided += [routed for routed in decided if routed.id not in updates]
    wake_at = min((routed.due for routed in undecided), default=NEVER)
    return _with_reasons(replace(batch, groups=tuple(groups)).wake(wake_at), undecided)


def _decide(routed: RoutedAlert, group: GroupState, now: Micros, known: KnownPlaces) -> RoutedAlert:
    """The rules, one early return each, in this order: muted, ended, new, changed, unchanged."""
    tracked, alert, route, last = routed.tracked, routed.tracked.alert, routed.route, routed.last_notification
    # Muted: no notification, and no mention in another one.
    if routed.muted:
        return _because(routed, routed.muted)
    # Ended: sent to receivers that know the alert and want ends, after group_wait but never a whole group_interval.
    if not alert.active and not route.send_resolved:
        return _because(routed, Reason.END_NOT_WANTED)
    if not alert.active:
        return _because(routed, Reason.ALERT_ENDED, _after(tracked.changed_at, route.group_wait))
    # New to this receiver: not sent when somebody has acknowledged it already.
    if last is None or last.ended:
        return _first(routed, group, now, known) if alert.ack is None else _acknowledged(routed)
    # Higher priority than last sent: immediately. Lower, or signal lost: with the next update, or after an interval.
    if alert.severity.rank > last.rank:
        return _because(routed, Reason.PRIORITY_RAISED, now)
    later = max(_after(tracked.changed_at, route.group_wait), _after(group.notified_at, route.group_interval))
    if alert.severity.rank < last.rank:
        return _because(routed, Reason.PRIORITY_LOWERED, later)
    if alert.signal_lost_since is not None and not last.signal_lost:
        return _because(routed, Reason.SIGNAL_LOST, later)
    if alert.signal_lost_since is None and last.signal_lost:
        return _because(routed, Reason.SIGNAL_BACK)
    # Unchanged: repeated while nobody has acknowledged, after that a reminder at times.
    if alert.ack is not None:
        return _acknowledged(routed)
    if not route.repeat_interval:
        return _because(routed, Reason.UNCHANGED)
    unacknowledged_again = tracked.unacknowledged_since > last.at
    due = now if unacknowledged_again else _after(last.at, route.repeat_interval)
    return _because(routed, Reason.REPEATED, due)


def _acknowledged(routed: RoutedAlert) -> RoutedAlert:
    """A reminder of what was acknowledged and is still active, counted from the last that the receiver has heard."""
    tracked, last, interval = routed.tracked, routed.last_notification, routed.route.remind_interval
    if not interval:
        return _because(routed, Reason.ACKNOWLEDGED)
    since = max(tracked.acknowledged_since, last.at if last is not None and not last.ended else 0)
    return _because(routed, Reason.REMINDED, _after(since, interval))


def _first(routed: RoutedAlert, group: GroupState, now: Micros, known: KnownPlaces) -> RoutedAlert:
    """When a receiver is notified of an alert for the first time."""
    tracked, route = routed.tracked, routed.route
    high = tracked.alert.severity is Severity.HIGH
    place = place_for(route.receiver, tracked)
    first_of_place = tracked.physiological and tracked.place != "" and place not in known
    if route.on_call and any(other.route.on_call == route.on_call for other in tracked.notified.values()):
        return _because(routed, Reason.ON_CALL_CHANGED, now)
    if route.escalated:
        return _because(routed, Reason.ESCALATED, now)
    if tracked.physiological and (high or first_of_place):
        known.add(place)
        return _because(routed, Reason.HIGH_PRIORITY if high else Reason.FIRST_OF_BED, now)
    if high:
        return _because(routed, Reason.HIGH_PRIORITY, group.notified_at + HIGH_TECHNICAL_WAIT if group.count else now)
    pause = route.group_wait if group.count == 1 else route.group_interval
    next_of_group = _after(group.notified_at, pause) if group.count else 0
    return _because(routed, Reason.GROUPED, max(_after(tracked.tracked_since, route.group_wait), next_of_group))


def _with_updates(group: AlertGroup, decided: list[RoutedAlert], now: Micros) -> AlertGroup:
    due = {routed.reason is Reason.REPEATED for routed in decided if routed.due <= now}
    if not due:
        return group
    # All repeats of a group are sent together, as soon as one is due, but not along with other updates.
    with_repeats = True in due
    updates: list[RoutedAlert] = []
    still_active: list[RoutedAlert] = []
    for routed in decided:
        early = routed.reason is Reason.REMINDED and routed.due > now  # other updates do not bring a reminder forward
        if routed.is_update and not early and (with_repeats or routed.reason is not Reason.REPEATED):
            updates.append(routed)
        elif routed.still_active:
            still_active.append(routed)
    return replace(group, updates=tuple(updates), still_active=tuple(still_active))


def _with_reasons(batch: AlertBatch, undecided: list[RoutedAlert]) -> AlertBatch:
    """Each item with the last decision about it: a notification first, then a wait, then any other."""
    quiet: dict[str, Reason | None] = {}
    pending = {routed.id for routed in undecided if routed.due < NEVER}
    for routed in undecided:
        waits = Reason.GROUP_WAIT if routed.due < NEVER else routed.reason
        reason = _UNTIL_DUE.get(routed.reason, waits) if routed.reason else waits
        if reason is Reason.GROUP_WAIT or routed.id not in quiet:
            quiet[routed.id] = reason
    sent = {update.id: update.reason for group in batch.groups for update in group.updates}

    def decide(item: BatchItem) -> BatchItem:
        otherwise = item.muted if item.tracked.alert.active or item.muted else Reason.ENDED_BEFORE_SENT
        reason = sent.get(item.id) or quiet.get(item.id) or otherwise
        return structs.replace(item, reason=reason, pending=item.id in pending)

    return batch.each(decide)


def _because(routed: RoutedAlert, reason: Reason, due: Micros = NEVER) -> RoutedAlert:
    return structs.replace(routed, reason=reason, due=due)


def _after(at: Micros, seconds: float) -> Micros:
    return at + round(seconds * SECOND)
