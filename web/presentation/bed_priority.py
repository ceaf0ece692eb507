"""What a bed needs: the one word it is sorted by."""

from collections.abc import Sequence
from enum import StrEnum

from ward.alert import Alert
from ward.finding import Severity
from web.schemas import DataState


class BedPriority(StrEnum):
    """In order: an alert nobody has before one somebody has, then what cannot be known, then what is fine."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    ACKNOWLEDGED = "acknowledged"
    LOST = "signal lost"
    NONE = "no data"
    FINE = "fine"
    EMPTY = "not monitored"

    @property
    def rank(self) -> int:
        """0 for the most needed."""
        return _RANKS[self]


_RANKS = {need: i for i, need in enumerate(BedPriority)}
_BY_DATA: dict[DataState, BedPriority] = {
    "live": BedPriority.FINE, "lost": BedPriority.LOST, "none": BedPriority.NONE, "unmonitored": BedPriority.EMPTY,
}  # fmt: skip


def priority_of(alerts: Sequence[Alert], data: DataState) -> tuple[BedPriority, Severity | None]:
    """The need of a bed with these active alerts, and the severity of the alert it comes from."""
    severity = worst([alert for alert in alerts if alert.ack is None])
    if severity is not None:
        return BedPriority(severity.value), severity
    severity = worst(alerts)
    return (BedPriority.ACKNOWLEDGED, severity) if severity is not None else (_BY_DATA[data], None)


def worst(alerts: Sequence[Alert]) -> Severity | None:
    """The highest severity among them."""
    return max((alert.severity for alert in alerts), key=lambda s: s.rank, default=None)
