"""The order of alerts, the same on tiles, in lists and in messages."""

from collections.abc import Iterable

import msgspec

from ward.alert import EXTERNAL, Alert
from ward.finding import Kind
from ward.signals import Catalogue

AlertKey = tuple[bool, bool, int, bool, int, int, str]


def by_priority(alerts: Iterable[Alert], catalogue: Catalogue) -> list[Alert]:
    """Some alerts, the one that a person should act on first at the beginning."""
    return sorted(alerts, key=lambda alert: priority_key(alert, catalogue))


def priority_key(alert: Alert, catalogue: Catalogue) -> AlertKey:
    """Sorts alerts: active before ended, unacknowledged before acknowledged, by severity, patients before equipment,
    ours before those of other systems, what holds now before what is latched, the gravest sign, the newest first."""
    return (
        not alert.active, alert.ack is not None, -urgency_rank(alert), alert.latched is not None,
        catalogue.gravity(alert.labels.get("metric", "")), -alert.starts_at, alert.id,
    )  # fmt: skip


def gravest(alerts: Iterable[Alert], catalogue: Catalogue) -> Alert:
    """The one of some active alerts to name for all of them, also if it is acknowledged and others are not."""
    return min(alerts, key=lambda alert: priority_key(msgspec.structs.replace(alert, ack=None), catalogue))


def urgency_rank(alert: Alert) -> int:
    """The higher, the more urgent: by severity, then patients before equipment, then ours before those of others."""
    return alert.severity.rank * 4 + (alert.kind is Kind.PHYSIOLOGICAL) * 2 + (alert.source != EXTERNAL)
