"""The alerts, as the log of alerts tells them."""

from collections.abc import Iterable, Iterator

from ward.alert import DELIVERY, Alert

_MOST_ENDED = 500


class AlertIndex:
    """Alerts by id: all that are active, and the newest of those that have ended."""

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}
        self._ended: dict[str, None] = {}
        self._offsets: dict[str, int] = {}
        self._problems: dict[str, Alert] = {}

    def __iter__(self) -> Iterator[Alert]:
        return iter(self._alerts.values())

    def take(self, alert: Alert, offset: int) -> None:
        """Fold one in. A follower made anew reads the same again: what stands earlier in the log changes nothing.

        The log's order counts, not the alert's own times: the clock they come from may have been set back.
        """
        if self._offsets.get(alert.id, -1) >= offset:
            return
        self._offsets[alert.id] = offset
        self._alerts[alert.id] = alert
        self._ended.pop(alert.id, None)
        self._problems.pop(alert.id, None)
        if alert.active and alert.source == DELIVERY:
            self._problems[alert.id] = alert
        if not alert.active:
            self._ended[alert.id] = None
            while len(self._ended) > _MOST_ENDED:
                oldest = next(iter(self._ended))
                del self._ended[oldest], self._alerts[oldest], self._offsets[oldest]

    def get(self, alert: str) -> Alert | None:
        """An alert by its id."""
        return self._alerts.get(alert)

    def problems(self) -> dict[str, Alert]:
        """The active alerts about channels that do not deliver, by channel."""
        return {alert.labels.get("channel", ""): alert for alert in self._problems.values()}

    def active(self) -> list[Alert]:
        """Those that are not over, most needed first."""
        return by_priority(alert for alert in self if alert.active)

    def ended(self) -> list[Alert]:
        """Those that are over and still known here, newest first."""
        over = (alert for alert in self if not alert.active)
        return sorted(over, key=lambda alert: alert.ends_at or alert.updated_at, reverse=True)


def by_priority(alerts: Iterable[Alert]) -> list[Alert]:
    """What nobody has before what somebody has, then by severity, then the newest first."""
    return sorted(alerts, key=lambda a: (a.ack is not None, -a.severity.rank, -a.starts_at, a.id))
