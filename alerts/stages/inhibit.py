"""Second stage: inhibition, as in Alertmanager: an alert mutes others that follow from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from alerts.model.tracked_alert import TrackedAlert
from alerts.stages.batch import AlertBatch, BatchItem
from alerts.stages.inhibition_roles import EqualLabels, Role
from ward.alert import EXTERNAL
from ward.finding import EndReason, Kind
from ward.reason import Reason


def inhibit(batch: AlertBatch) -> AlertBatch:
    """Mutes the targets of a rule while a source with the same `equal` labels is active.

    Both must have all labels of `equal`. An alert does not inhibit itself; alerts that are source and target of a
    rule at once do not inhibit each other. A technical alert does not mute a physiological one that a receiver was
    notified of. An alert of another system mutes none of our own. An end is not muted. An alert that is only active
    because nobody has acknowledged it (`latch`) mutes nothing: its condition is over. One that a person has silenced
    mutes nothing by a rule that has `while_silenced: false`.
    """
    rules = batch.config.alerting.inhibit
    if not rules:
        return batch
    active = [item.tracked for item in batch.items if item.tracked.alert.active]
    roles = batch.inhibition_roles.of(active, rules)
    sources: dict[tuple[int, EqualLabels], list[_Source]] = defaultdict(list)
    silenced = _silenced(batch) if any(not rule.while_silenced for rule in rules) else {}
    for tracked in active:
        for role in roles.get(tracked.alert.id, ()):
            mutes = rules[role.rule].while_silenced or tracked.alert.id not in silenced
            if role.source and mutes and tracked.alert.latched is not EndReason.RECOVERED:
                sources[role.rule, role.key].append(_Source(tracked, role.target))

    def decide(item: BatchItem) -> BatchItem:
        mine = roles.get(item.id)
        if not mine:
            return item
        by = dict.fromkeys(
            id_
            for role in mine
            if role.target
            for id_ in _inhibitors(item.tracked, role, sources.get((role.rule, role.key), ()))
        )
        return replace(item, inhibited_by=tuple(by)).mute(Reason.INHIBITED) if by else item

    return batch.each(decide) if roles else batch


def _silenced(batch: AlertBatch) -> Mapping[str, tuple[str, ...]]:
    """The alerts that are silenced now, by id; the stage of silences comes later."""
    return batch.silence_matches.active([item.tracked for item in batch.items], batch.silences, batch.now.steady)


class _Source(NamedTuple):
    """A source of a rule; `is_target` when it is a target of the same rule too."""

    tracked: TrackedAlert
    is_target: bool


def _inhibitors(target: TrackedAlert, role: Role, sources: Sequence[_Source]) -> list[str]:
    known_patient = target.physiological and bool(target.notified)
    return [
        source.alert.id
        for source, is_target in sources
        if source.alert.id != target.alert.id
        and not (role.source and is_target)
        and not (known_patient and source.alert.kind is Kind.TECHNICAL)
        and (source.alert.source != EXTERNAL or target.alert.source == EXTERNAL)
    ]
