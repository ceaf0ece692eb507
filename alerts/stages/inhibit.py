"""Second stage: an alert keeps others quiet that follow from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from alerts.stages.batch import Batch, Item
from alerts.tracking.tracked_alert import TrackedAlert
from ward.config.alerting import Inhibition
from ward.finding import Kind
from ward.reason import Reason

Key = tuple[str, ...]


def inhibit(batch: Batch) -> Batch:
    """Mutes the target of a rule while a source with the same `equal` labels is active.

    A label of `equal` must be there, in both. Nothing inhibits itself, and what is source and
    target of a rule at once is not inhibited by its like. A technical alert never silences a
    physiological one that people were told of already. An end is not held back.
    """
    rules = [(rule, _sources(rule, batch.items)) for rule in batch.config.alerting.inhibit]

    def judge(item: Item) -> Item:
        if not rules or not item.case.alert.active:
            return item
        by = tuple(dict.fromkeys(id_ for rule, sources in rules for id_ in _inhibitors(item.case, rule, sources)))
        return replace(item, inhibited_by=by).mute(Reason.INHIBITED) if by else item

    return batch.each(judge)


def _sources(rule: Inhibition, items: Sequence[Item]) -> Mapping[Key, list[TrackedAlert]]:
    found: dict[Key, list[TrackedAlert]] = defaultdict(list)
    for item in items:
        labels = item.case.alert.labels
        key = _key(rule, labels)
        if item.case.alert.active and key is not None and all(m.holds(labels) for m in rule.source):
            found[key].append(item.case)
    return found


def _inhibitors(case: TrackedAlert, rule: Inhibition, sources: Mapping[Key, list[TrackedAlert]]) -> list[str]:
    labels = case.alert.labels
    key = _key(rule, labels)
    if key is None or key not in sources or not all(m.holds(labels) for m in rule.target):
        return []
    both = all(m.holds(labels) for m in rule.source)
    spared = case.physiological and bool(case.told)
    return [
        source.alert.id
        for source in sources[key]
        if source.alert.id != case.alert.id
        and not (both and all(m.holds(source.alert.labels) for m in rule.target))
        and not (spared and source.alert.kind is Kind.TECHNICAL)
    ]


def _key(rule: Inhibition, labels: Mapping[str, str]) -> Key | None:
    key = tuple(labels.get(name, "") for name in rule.equal)
    return key if all(key) else None
