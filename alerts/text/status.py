"""How urgent an alert is, or how it ended: the first words about it."""

from alerts.text import texts
from ward.alert import Alert
from ward.finding import EndReason, Severity
from ward.reason import Reason

ENDED = {
    EndReason.RECOVERED: "ALERT ENDED",
    EndReason.DISCHARGED: "ALERT CLOSED (patient discharged or moved)",
    EndReason.SUPERSEDED: "ALERT CLOSED (replaced by a newer alert)",
    EndReason.SIGNAL_LOST: "SIGNAL LOST, ALERT CLOSED (not known whether it has ended)",
    EndReason.RULE_CHANGED: "ALERT CLOSED, NOT KNOWN WHETHER IT HAS ENDED (rule changed by config, or device moved)",
    EndReason.REMOVED: "ALERT CLOSED, NO LONGER CHECKED (removed by config)",
    EndReason.PAUSED: "ALERT CLOSED, NO LONGER CHECKED (paused)",
}
# The condition is over, but the alert is latched.
NOT_ACKNOWLEDGED = "ENDED, NOT ACKNOWLEDGED"


def priority(severity: Severity) -> str:
    """`HIGH priority`: the severity as people read it."""
    return texts.PRIORITY(severity=str(severity).upper())


def status_of(alert: Alert, reason: Reason | None = None) -> str:
    """`HIGH priority`, or how it ended; `reason` is that of the notification."""
    if not alert.active:
        return ENDED[alert.ended or EndReason.RECOVERED]
    if alert.is_over:
        return NOT_ACKNOWLEDGED
    text = priority(alert.severity)
    return texts.LOST_ACTIVE(priority=text) if reason is Reason.SIGNAL_LOST else text
