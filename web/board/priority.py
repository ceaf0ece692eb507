"""The priority of a bed, by which beds are sorted."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

from ward.alert import Alert
from ward.finding import Severity

DataState = Literal["live", "lost", "none", "unmonitored"]


class BedPriority(StrEnum):
    """Highest first: unacknowledged alerts by severity, acknowledged alerts, what is not evaluated, missing data, no
    alert, no device."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    ACKNOWLEDGED = "acknowledged"
    NOT_EVALUATED = "not evaluated"
    SIGNAL_LOST = "signal lost"
    NO_DATA = "no data"
    NO_ALERT = "no alert"
    NOT_MONITORED = "not monitored"

    @property
    def rank(self) -> int:
        """0 for the highest priority."""
        return _RANKS[self]


_RANKS = {priority: rank for rank, priority in enumerate(BedPriority)}
_BY_DATA: dict[DataState, BedPriority] = {
    "live": BedPriority.NO_ALERT, "lost": BedPriority.SIGNAL_LOST, "none": BedPriority.NO_DATA,
    "unmonitored": BedPriority.NOT_MONITORED,
}  # fmt: skip


def priority_of(alerts: Sequence[Alert], data: DataState, *, evaluated: bool) -> tuple[BedPriority, Severity | None]:
    """The priority of a bed with these active alerts, and the severity of the alert that gives it; None without one."""
    severity = highest_severity([alert for alert in alerts if alert.ack is None])
    if severity is not None:
        return BedPriority(severity.value), severity
    severity = highest_severity(alerts)
    if severity is not None:
        return BedPriority.ACKNOWLEDGED, severity
    return BedPriority.NOT_EVALUATED if data == "live" and not evaluated else _BY_DATA[data], None


def highest_severity(alerts: Sequence[Alert]) -> Severity | None:
    """The highest severity among some alerts; None without alerts."""
    return max((alert.severity for alert in alerts), key=lambda s: s.rank, default=None)
