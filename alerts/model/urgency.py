"""Which message goes first: an order of what messages report."""

from collections.abc import Iterable

from ward.alert import EXTERNAL, Alert
from ward.finding import Kind


def urgency(alerts: Iterable[Alert], *, first_of_place: bool = False) -> int:
    """The urgency of the most urgent of some alerts; 0 without any.

    By severity first; then patients before equipment, then our own before those of other systems, then the first
    that a receiver is notified of at a bed or device before further ones there.
    """
    return max((_urgency(alert) + first_of_place for alert in alerts), default=0)


def is_first_of_place(priority: int) -> bool:
    """Whether a message was the first about its place."""
    return bool(priority & 1)


def _urgency(alert: Alert) -> int:
    return alert.severity.rank * 8 + (alert.kind is Kind.PHYSIOLOGICAL) * 4 + (alert.source != EXTERNAL) * 2
