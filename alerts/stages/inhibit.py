"""Second stage: inhibition, as in Alertmanager: an alert mutes others that follow from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from alerts.model.tracked_alert import TrackedAlert
from alerts.stages.batch import AlertBatch, BatchItem
from ward.alert import EXTERNAL
from ward.config.alerting import Inhibition
from ward.finding import Kind
from ward.reason import Reason

EqualLabels = tuple[str, ...]


def inhibit(batch: AlertBatch) -> AlertBatch:
    """Mutes the targets of a rule while a source with the same `equal` labels is active.

    Both must have all labels of `equal`. An alert does not inhibit itself; alerts that are source and target of a
    rule at once do not inhibit each other. A technical alert does not mute a physiological one that a receiver was
    notified of. An alert of another system mutes none of our own. An end is not muted.
    """
    rules = [(rule, _sources(rule, batch.items)) for rule in batch.config.alerting.inhibit]

    def decide(item: BatchItem) -> BatchItem:
        if not rules or not item.tracked.alert.active:
            return item
        by = tuple(dict.fromkeys(id_ for rule, sources in rules for id_ in _inhibitors(item.tracked, rule, sources)))
        return replace(item, inhibited_by=by).mute(Reason.INHIBITED) if by else item

    return batch.each(decide)


def _sources(rule: Inhibition, items: Sequence[BatchItem]) -> Mapping[EqualLabels, list[TrackedAlert]]:
    found: dict[EqualLabels, list[TrackedAlert]] = defaultdict(list)
    for item in items:
        labels = item.tracked.alert.labels
        key = _key(rule, labels)
        if item.tracked.alert.active and key is not None and all(m.matches(labels) for m in rule.source):
            found[key].append(item.tracked)
    return found


def _inhibitors(target: TrackedAlert, rule: Inhibition, sources: Mapping[EqualLabels, list[TrackedAlert]]) -> list[str]:
    labels = target.alert.labels
    key = _key(rule, labels)
    if key is None or key not in sources or not all(m.matches(labels) for m in rule.target):
        return []
    target_is_source = all(m.matches(labels) for m in rule.source)
    known_patient = target.physiological and bool(target.notified)
    return [
        source.alert.id
        for source in sources[key]
        if source.alert.id != target.alert.id
        and not (target_is_source and all(m.matches(source.alert.labels) for m in rule.target))
        and not (known_patient and source.alert.kind is Kind.TECHNICAL)
        and (source.alert.source != EXTERNAL or target.alert.source == EXTERNAL)
    ]


def _key(rule: Inhibition, labels: Mapping[str, str]) -> EqualLabels | None:
    key = tuple(labels.get(name, "") for name in rule.equal)
    return key if all(key) else None
