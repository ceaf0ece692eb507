"""Seventh stage: what one receiver is notified of together."""

from collections import defaultdict
from dataclasses import replace

from alerts.model.group_state import GroupState
from alerts.model.routed_alert import RoutedAlert
from alerts.stages.batch import AlertBatch, AlertGroup


def group(batch: AlertBatch) -> AlertBatch:
    """Collects the items by the group of each of their routes, oldest first."""
    members: dict[str, list[RoutedAlert]] = defaultdict(list)
    for item in sorted(batch.items, key=lambda item: (item.tracked.tracked_since, item.id)):
        for match in item.routes:
            members[match.group].append(RoutedAlert(tracked=item.tracked, route=match, muted=item.muted))
    return replace(
        batch,
        groups=tuple(
            AlertGroup(state=batch.group_states.get(key, GroupState(key=key)), members=tuple(found))
            for key, found in members.items()
        ),
    )
