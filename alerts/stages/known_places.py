"""The places of patients that receivers know an active alert about."""

from collections.abc import Iterator

from alerts.model.tracked_alert import TrackedAlert
from alerts.stages.batch import AlertBatch
from ward.alert import EXTERNAL

# A receiver, a place, and whether another system raised the alert: such a one makes no bed known for our own.
KnownPlace = tuple[str, str, bool]


def known_places(batch: AlertBatch) -> Iterator[KnownPlace]:
    """The places of which a receiver knows an active alert about a patient."""
    for item in batch.items:
        if item.tracked.alert.active and item.tracked.physiological:
            last = item.tracked.notified.items()
            yield from (place_for(receiver, item.tracked) for receiver, found in last if not found.ended)


def place_for(receiver: str, tracked: TrackedAlert) -> KnownPlace:
    """The place of an alert for a receiver."""
    return receiver, tracked.place, tracked.alert.source == EXTERNAL
