"""Last stage: tellings become notices, one for each channel of the receiver, and the cases remember them."""

from collections.abc import Iterator
from dataclasses import replace

from msgspec import structs

from alerts.stages.batch import Batch, Item, Member, Notification
from alerts.storage.state_file import OutboxEntry
from alerts.text.message import MessageWriter
from alerts.tracking.tracked_alert import Group, LastNotification, TrackedAlert
from ward.clock import Micros
from ward.config.alerting import Channel
from ward.ids import digest
from ward.reason import Reason

URGENT = frozenset({Reason.HIGH, Reason.FIRST, Reason.WORSE})


def deliver(batch: Batch) -> Batch:
    """Writes the letters of all tellings, and into each case and group that it was told."""
    writer = MessageWriter(batch.config, batch.wall, batch.now)
    letters: list[OutboxEntry] = []
    cases: dict[str, TrackedAlert] = {}
    groups: dict[str, Group] = {}
    nobody: set[str] = set()
    for telling in batch.tellings:
        written = list(_Post(batch, writer, _sorted(telling)).letters())
        letters += written
        group = telling.group
        groups[group.key] = structs.replace(group, notified_at=batch.now, count=group.count + 1)
        for member, _ in telling.news:
            id_ = member.item.case.alert.id
            cases[id_] = _told(cases.get(id_, member.item.case), member, batch, heard=bool(written))
            if not written:
                nobody.add(id_)
    items = tuple(
        _changed(item, cases[item.case.alert.id], nobody) if item.case.alert.id in cases else item
        for item in batch.items
    )
    done = replace(batch, items=items, letters=tuple(letters), groups={**batch.groups, **groups})
    # What was just told has repeats and escalations of its own: looked at again at once, to know when.
    return done.woken(batch.now + 1) if batch.tellings else done


def _sorted(telling: Notification) -> Notification:
    """The most severe first, what is active before what is over, then the newest."""

    def need(entry: tuple[Member, Reason]) -> tuple[bool, int, Micros]:
        case = entry[0].item.case
        return not case.alert.active, -case.alert.severity.rank, -case.begun

    return replace(telling, news=tuple(sorted(telling.news, key=need)))


def _changed(item: Item, case: TrackedAlert, nobody: set[str]) -> Item:
    reason = Reason.NOBODY if case.alert.id in nobody else item.reason
    return structs.replace(item, case=case, reason=reason)


def _told(case: TrackedAlert, member: Member, batch: Batch, *, heard: bool) -> TrackedAlert:
    """The case after this receiver has been told how it stands; `heard` unless it has no channel to hear it on."""
    alert = case.alert
    said = LastNotification(
        path=member.path, rank=alert.severity.rank, at=batch.now, lost=alert.lost_since is not None,
        over=not alert.active,
    )  # fmt: skip
    first = batch.now if case.first_told is None else case.first_told
    told = structs.replace(case, told={**case.told, member.path.receiver: said}, first_told=first)
    return told.with_alert(notified_at=batch.wall) if heard and alert.notified_at is None else told


class _Post:
    """The letters of one telling."""

    def __init__(self, batch: Batch, writer: MessageWriter, telling: Notification) -> None:
        self._batch = batch
        self._write = writer
        self._telling = telling

    def letters(self) -> Iterator[OutboxEntry]:
        channels = {channel.name: channel for channel in self._batch.config.alerting.channels if channel.addressed}
        names = dict.fromkeys(name for member, _ in self._telling.news for name in member.path.channels)
        for name in names:
            channel = channels.get(name)
            if channel is None:
                continue
            if channel.about == "alert":
                yield from (self._letter(channel, ((member, reason),)) for member, reason in self._telling.news)
            else:
                yield self._letter(channel, self._telling.news)

    def _letter(self, channel: Channel, news: tuple[tuple[Member, Reason], ...]) -> OutboxEntry:
        batch, writer, telling = self._batch, self._write, self._telling
        key = digest(telling.group.key, batch.now, *(f"{m.item.case.alert.id} {reason}" for m, reason in news))
        subject = writer.subject(news)
        member, reason = news[0]
        case = member.item.case
        if channel.limit:
            subject, body = writer.short(case, subject, key, channel.limit)
        elif len(news) == 1 and (channel.about == "alert" or not telling.also):
            body = writer.single(case, reason, case.told.get(member.path.receiver))
        else:
            body = writer.digest(news, telling.also)
        active = [m.item.case for m, _ in news if m.item.case.alert.active]
        return OutboxEntry(
            key=key, channel=channel.name, subject=subject, body=body,
            priority=max((c.alert.severity.rank for c in active), default=0),
            created=batch.now, at=batch.wall,
            seen=max((m.item.case.seen for m, why in news if why in URGENT), default=0),
            alerts=" ".join(c.alert.id for c in active),
            group=telling.group.key if channel.about == "group" else f"{telling.group.key} {case.alert.id}",
            again=all(why is Reason.AGAIN for _, why in news),
        )  # fmt: skip
