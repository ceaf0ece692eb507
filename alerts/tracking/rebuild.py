"""An empty book is filled from the log: nothing that is active may be forgotten in silence."""

from msgspec import structs

from alerts.self_monitoring.delivery_alerts import REBUILT, rebuilt
from alerts.tracking.alert_state import AlertState
from alerts.tracking.event_handler import EventHandler
from alerts.tracking.tracked_alert import Instant, TrackedAlert
from ward.alert import DELIVERY, Alert
from ward.config.config import Config
from ward.finding import End
from ward.ports import Log
from ward.topics import ALERTS
from ward.wire import ALERT


def restore(log: Log, book: AlertState, clerk: EventHandler, damage: str, now: Instant, config: Config) -> None:
    """Adds the active alerts that were published once and that the findings in the log no longer tell of.

    When there were any alerts at all, or the file was damaged, an alert of our own says that the
    state is a new one: everything active is told again, and what waited to be sent may be told twice.
    """
    published = {
        alert.fingerprint: alert
        for partition in log.partitions(ALERTS)
        for batch in log.scan(partition)
        for alert in ALERT.decode_many(batch.values)
        if isinstance(alert, Alert)
    }
    for alert in published.values():
        if alert.active and alert.source not in (DELIVERY, REBUILT):
            _take(book, alert, now)
    if published or damage:
        finding = rebuilt(damage, now, config)
        clerk.finding(finding, now, config)
        case = book.case(finding.episode)
        if case is not None:
            book.put(case.with_alert(latched=End.RECOVERED))


def _take(book: AlertState, alert: Alert, now: Instant) -> None:
    case = book.case(alert.id)
    if case is None:
        untold = structs.replace(alert, reason="", notified_at=None, silenced_by=(), inhibited_by=())
        book.put(TrackedAlert(alert=untold, begun=now.steady, changed=now.steady, unowned=now.steady))
    elif case.alert.active:
        # It was detected in its time; only its finding has been read again late.
        same = case.with_alert(late=alert.late, annotations=alert.annotations)
        book.put(structs.replace(same, hold=0))
