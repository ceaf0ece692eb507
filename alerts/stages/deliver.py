"""Last stage: writes the messages for the outbox, and remembers in alerts and groups what was sent."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec import structs

from alerts.model.group_state import GroupState
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.routed_alert import RoutedAlert
from alerts.model.tracked_alert import LastNotification, TrackedAlert
from alerts.model.urgency import urgency
from alerts.stages.batch import AlertBatch, AlertGroup, BatchItem
from alerts.stages.known_places import KnownPlace, known_places, place_for
from alerts.text.message import MessageWriter
from alerts.text.webhook import webhook_message
from ward.alert import Alert, SentTo
from ward.alert_order import AlertKey, priority_key
from ward.clock import Micros
from ward.config.alerting import Channel
from ward.ids import digest
from ward.reason import Reason
from ward.signals import Catalogue

# A receiver, and a place (bed or device) that it knows an alert of.
KnownPlaces = frozenset[KnownPlace]

URGENT = frozenset({Reason.HIGH_PRIORITY, Reason.FIRST_OF_BED, Reason.PRIORITY_RAISED})


def deliver(batch: AlertBatch) -> AlertBatch:
    """Writes an outbox entry for each channel of each group that has updates."""
    due = [_by_priority(group, batch.config.catalogue) for group in batch.groups if group.updates]
    if not due:
        return batch
    writer = MessageWriter(batch.config, batch.now, [i.tracked for i in batch.items if i.tracked.alert.active])
    known = frozenset(known_places(batch))
    outbox: list[OutboxEntry] = []
    notified: dict[str, TrackedAlert] = {}
    sent: set[str] = set()
    for group in due:
        entries = list(_entries(batch, writer, group, known))
        outbox += entries
        for update in group.updates:
            tracked = notified.get(update.id, update.tracked)
            channels = tuple(dict.fromkeys(entry.channel for entry in entries))
            notified[update.id] = _notified(tracked, update, batch, channels)
        sent |= {update.id for update in group.updates} if entries else set()
    items = (_changed(i, notified[i.id], sent=i.id in sent) if i.id in notified else i for i in batch.items)
    group_states = {group.state.key: _counted(group.state, batch.now.steady) for group in due}
    delivered = replace(
        batch, items=tuple(items), outbox=tuple(outbox), group_states={**batch.group_states, **group_states}
    )
    # Repeats and escalations of what was just sent start now: the chain runs again at once, to compute when these are
    # due.
    return delivered.wake(batch.now.steady + 1)


def _by_priority(group: AlertGroup, catalogue: Catalogue) -> AlertGroup:
    def order(update: RoutedAlert) -> AlertKey:
        return priority_key(update.tracked.alert, catalogue)

    return replace(
        group,
        updates=tuple(sorted(group.updates, key=order)),
        still_active=tuple(sorted(group.still_active, key=order)),
    )


def _counted(group: GroupState, now: Micros) -> GroupState:
    return structs.replace(group, notified_at=now, count=group.count + 1)


def _changed(item: BatchItem, tracked: TrackedAlert, *, sent: bool) -> BatchItem:
    """The item after its receivers were notified; `sent` unless none of them has a channel.

    Where nothing was sent now, but something was before, the reason of that stays.
    """
    not_sent = Reason.NO_CHANNEL if tracked.alert.notified_at is None else None
    return structs.replace(item, tracked=tracked, reason=item.reason if sent else not_sent)


def _notified(tracked: TrackedAlert, update: RoutedAlert, batch: AlertBatch, channels: tuple[str, ...]) -> TrackedAlert:
    """The alert after a receiver was notified; `channels` are those that the receiver is sent a message by."""
    alert = tracked.alert
    last = LastNotification(
        route=update.route, rank=alert.severity.rank, at=batch.now.steady,
        signal_lost=alert.signal_lost_since is not None,
        ended=not alert.active,
    )  # fmt: skip
    first = batch.now.steady if tracked.first_notified is None else tracked.first_notified
    by_receiver = {**tracked.notified, update.route.receiver: last}
    after = structs.replace(tracked, notified=by_receiver, first_notified=first)
    if not channels:
        return after
    sent_to = _sent_to(alert, update.route.receiver, channels, batch.now.wall)
    return after.with_alert(notified_at=alert.notified_at or batch.now.wall, sent_to=sent_to)


def _sent_to(alert: Alert, receiver: str, channels: tuple[str, ...], now: Micros) -> tuple[SentTo, ...]:
    others = [sent for sent in alert.sent_to if sent.receiver != receiver]
    first = next((sent.first for sent in alert.sent_to if sent.receiver == receiver), now)
    return (*others, SentTo(receiver=receiver, channels=channels, first=first, last=now))


def _entries(batch: AlertBatch, writer: MessageWriter, group: AlertGroup, known: KnownPlaces) -> Iterator[OutboxEntry]:
    """One entry for each channel of the group's receiver, or one for each alert where the channel wants that."""
    channels = {channel.name: channel for channel in batch.config.alerting.channels if channel.has_url}
    names = dict.fromkeys(name for update in group.updates for name in update.route.channels)
    for channel in (channels[name] for name in names if name in channels):
        if channel.message_per == "alert":
            yield from (_entry(batch, writer, group, channel, (update,), known) for update in group.updates)
        else:
            yield _entry(batch, writer, group, channel, group.updates, known)


def _entry(
    batch: AlertBatch,
    writer: MessageWriter,
    group: AlertGroup,
    channel: Channel,
    updates: Sequence[RoutedAlert],
    known: KnownPlaces,
) -> OutboxEntry:
    per_alert = channel.message_per == "alert"
    still_active = () if per_alert else group.still_active
    key = digest(group.state.key, batch.now.steady, *(f"{update.id} {update.reason}" for update in updates))
    active = [update.tracked.alert for update in updates if update.tracked.alert.active]
    new = [alert for alert in active if alert.ack is None]
    places = {place_for(update.route.receiver, update.tracked) for update in updates if update.reason in URGENT}
    return OutboxEntry(
        message=webhook_message(key, group.state.key, updates, still_active, batch.config.alerting.external_url)
        if channel.is_webhook
        else writer.message(key, updates, still_active, channel.max_characters, channel.name),
        channel=channel.name,
        priority=urgency(active, first_of_place=not places <= known),
        queued_at=batch.now.steady, queued_wall=batch.now.wall,
        received_at=max((update.tracked.received_at for update in updates if update.reason in URGENT), default=0),
        alerts=tuple(alert.id for alert in new), reports_more=len(new) < len(updates),
        places=tuple(sorted({update.tracked.place or group.state.key for update in updates})),
        group=f"{group.state.key} {updates[0].id}" if per_alert else group.state.key,
        repeat=all(update.reason in (Reason.REPEATED, Reason.REMINDED) for update in updates),
    )  # fmt: skip
