"""Sixth stage: what goes to one receiver about one place is told together."""

from collections import defaultdict
from dataclasses import replace

from alerts.stages.batch import AlertGroup, Batch, Member
from alerts.tracking.tracked_alert import Group


def group(batch: Batch) -> Batch:
    """Gathers the items by the group of each of their paths, the earliest first."""
    found: dict[str, list[Member]] = defaultdict(list)
    for item in sorted(batch.items, key=lambda item: (item.case.begun, item.case.alert.id)):
        for path in item.paths:
            found[path.group].append(Member(item=item, path=path))
    return replace(
        batch,
        gatherings=tuple(
            AlertGroup(group=batch.groups.get(key, Group(key=key)), members=tuple(members))
            for key, members in found.items()
        ),
    )
