"""Seventh stage: whether there is anything to tell, now or later, and why."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from msgspec import structs

from alerts.stages.batch import NEVER, AlertGroup, Batch, Item, Member, Notification
from alerts.tracking.tracked_alert import Group
from ward.clock import SECOND, Micros
from ward.finding import Severity
from ward.reason import Reason

# HIGH alerts of equipment go at once too, but forty of them are gathered for so long.
SHORT = 5 * SECOND


class DedupDecision(msgspec.Struct, frozen=True):
    """A reason, and from when on it is one to tell: `NEVER` for a reason to be quiet."""

    member: Member
    reason: Reason
    due: Micros = NEVER

    @property
    def news(self) -> bool:
        return self.due < NEVER or self.reason is Reason.BACK


def dedup(batch: Batch) -> Batch:
    """Decides for each gathering. Once anything of it is due, all its news are told with it."""
    leads = set(_leads(batch))
    verdicts: list[DedupDecision] = []
    tellings: list[Notification] = []
    for gathering in batch.gatherings:
        own = [_judge(member, gathering.group, batch.now, leads) for member in gathering.members]
        telling = _telling(gathering, own, batch.now)
        if telling is None:
            verdicts += own
        else:
            tellings.append(telling)
            told = {member.item.case.alert.id for member, _ in telling.news}
            verdicts += [v for v in own if v.member.item.case.alert.id not in told]
    wake = min((verdict.due for verdict in verdicts), default=NEVER)
    decided = replace(batch, tellings=tuple(tellings)).woken(wake)
    return _reasoned(decided, verdicts)


def _leads(batch: Batch) -> Iterator[tuple[str, str]]:
    """The places of which each receiver knows an active physiological alert already."""
    for item in batch.items:
        if item.case.alert.active and item.case.physiological:
            yield from ((name, item.case.place) for name, told in item.case.told.items() if not told.over)


def _judge(member: Member, group: Group, now: Micros, leads: set[tuple[str, str]]) -> DedupDecision:
    """The ladder: from what must be told to what need not, an early return a rung."""
    item, path, case, alert = member.item, member.path, member.item.case, member.item.case.alert
    said = case.told.get(path.receiver)
    # Muted: nothing of it is told, now or by the way.
    if item.muted:
        return DedupDecision(member, item.muted)
    # Over: told to those who know of it and want to, after a moment for company but never a whole interval.
    if not alert.active and not path.resolved:
        return DedupDecision(member, Reason.OVER_UNASKED)
    if not alert.active:
        return DedupDecision(member, Reason.OVER, _after(case.changed, path.wait))
    # Never told to this receiver, and no need to when somebody has it already.
    if said is None or said.over:
        return _first(member, group, now, leads) if alert.ack is None else DedupDecision(member, Reason.ACKNOWLEDGED)
    # Worse than they know: at once. Milder, or left undecided by a lost signal: with the next news, or after a while.
    if alert.severity.rank > said.rank:
        return DedupDecision(member, Reason.WORSE, now)
    later = max(_after(case.changed, path.wait), _after(group.notified_at, path.interval))
    if alert.severity.rank < said.rank:
        return DedupDecision(member, Reason.MILDER, later)
    if alert.lost_since is not None and not said.lost:
        return DedupDecision(member, Reason.LOST, later)
    if alert.lost_since is None and said.lost:
        return DedupDecision(member, Reason.BACK)
    # Known as it is: again only while nobody has it.
    if alert.ack is not None:
        return DedupDecision(member, Reason.ACKNOWLEDGED)
    if not path.repeat:
        return DedupDecision(member, Reason.TOLD)
    given_back = case.unowned > said.at
    return DedupDecision(member, Reason.AGAIN, now if given_back else _after(said.at, path.repeat))


def _first(member: Member, group: Group, now: Micros, leads: set[tuple[str, str]]) -> DedupDecision:
    """When a receiver hears of an alert for the first time."""
    path, case = member.path, member.item.case
    high = case.alert.severity is Severity.HIGH
    lead = (path.receiver, case.place)
    first = case.physiological and case.place != "" and lead not in leads
    if path.escalated:
        return DedupDecision(member, Reason.FURTHER, now)
    if case.physiological and (high or first):
        leads.add(lead)
        return DedupDecision(member, Reason.HIGH if high else Reason.FIRST, now)
    if high:
        return DedupDecision(member, Reason.HIGH, group.notified_at + SHORT if group.count else now)
    pause = path.wait if group.count == 1 else path.interval
    told = _after(group.notified_at, pause) if group.count else 0
    return DedupDecision(member, Reason.COMPANY, max(_after(case.begun, path.wait), told))


def _telling(gathering: AlertGroup, verdicts: list[DedupDecision], now: Micros) -> Notification | None:
    due = {verdict.reason is Reason.AGAIN for verdict in verdicts if verdict.due <= now}
    if not due:
        return None
    # What nobody has is repeated all together, as soon as one of it is due.
    again = True in due
    news: list[tuple[Member, Reason]] = []
    also: list[Member] = []
    for verdict in verdicts:
        if verdict.news and (again or verdict.reason is not Reason.AGAIN):
            news.append((verdict.member, verdict.reason))
        elif _known(verdict.member):
            also.append(verdict.member)
    return Notification(group=gathering.group, news=tuple(news), also=tuple(also))


def _known(member: Member) -> bool:
    item = member.item
    return item.case.alert.active and member.path.receiver in item.case.told and item.muted is None


def _after(at: Micros, seconds: float) -> Micros:
    return at + round(seconds * SECOND)


def _reasoned(batch: Batch, verdicts: list[DedupDecision]) -> Batch:
    """Each item with what was decided about it at last: telling outweighs waiting, and that everything else."""
    quiet: dict[str, Reason] = {}
    waiting = {v.member.item.case.alert.id for v in verdicts if v.due < NEVER}
    for verdict in verdicts:
        repeated = verdict.reason is Reason.AGAIN
        reason = Reason.TOLD if repeated else Reason.WAITING if verdict.due < NEVER else verdict.reason
        id_ = verdict.member.item.case.alert.id
        if reason is Reason.WAITING or id_ not in quiet:
            quiet[id_] = reason
    told = {member.item.case.alert.id: reason for telling in batch.tellings for member, reason in telling.news}

    def decide(item: Item) -> Item:
        id_ = item.case.alert.id
        otherwise = item.muted if item.case.alert.active or item.muted else Reason.OVER_UNTOLD
        reason = told.get(id_) or quiet.get(id_) or otherwise
        return structs.replace(item, reason=reason, waiting=id_ in waiting)

    return batch.each(decide)
