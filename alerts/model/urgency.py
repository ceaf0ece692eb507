"""Which message goes first: an order of what messages report."""

from collections.abc import Iterable

from ward.alert import Alert
from ward.alert_order import urgency_rank


def urgency(alerts: Iterable[Alert], *, first_of_place: bool = False) -> int:
    """The urgency of the most urgent of some alerts, in the order of `ward.alert_order`; 0 without any. Of equal ones
    the first that a receiver is notified of at a bed or device goes before further ones there."""
    return max((urgency_rank(alert) * 2 + first_of_place for alert in alerts), default=0)


def is_first_of_place(priority: int) -> bool:
    """Whether a message was the first about its place."""
    return bool(priority & 1)
