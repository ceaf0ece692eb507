"""Alerts by id, folded from the log of alerts."""

from collections.abc import Iterator

from ward.alert import DELIVERY, Alert

_MAX_ENDED = 500


class AlertIndex:
    """All active alerts, and the newest of those that have ended."""

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}
        self._ended: dict[str, None] = {}
        self._offsets: dict[str, int] = {}
        self._delivery: dict[str, Alert] = {}

    def __iter__(self) -> Iterator[Alert]:
        return iter(self._alerts.values())

    def apply(self, alert: Alert, offset: int) -> None:
        """Apply the state of an alert at `offset` of the log. One at an offset that was applied already is ignored.

        The last state in the log is the newest, whatever its times say: the clock of the writer may have been set back.
        """
        if self._offsets.get(alert.id, -1) >= offset:
            return
        self._offsets[alert.id] = offset
        self._alerts[alert.id] = alert
        self._ended.pop(alert.id, None)
        self._delivery.pop(alert.id, None)
        if alert.active and alert.source == DELIVERY:
            self._delivery[alert.id] = alert
        if not alert.active:
            self._ended[alert.id] = None
            while len(self._ended) > _MAX_ENDED:
                oldest = next(iter(self._ended))
                del self._ended[oldest], self._alerts[oldest], self._offsets[oldest]

    def get(self, alert: str) -> Alert | None:
        """An alert by its id."""
        return self._alerts.get(alert)

    def delivery_problems(self) -> dict[str, Alert]:
        """The active alerts about channels that do not deliver, by channel."""
        return {alert.labels.get("channel", ""): alert for alert in self._delivery.values()}

    def active(self) -> list[Alert]:
        """Active alerts, in no order: `ward.alert_order` has one."""
        return [alert for alert in self if alert.active]

    def ended(self) -> list[Alert]:
        """Ended alerts that are still in memory, newest first."""
        ended = (alert for alert in self if not alert.active)
        return sorted(ended, key=lambda alert: alert.ends_at or alert.updated_at, reverse=True)
