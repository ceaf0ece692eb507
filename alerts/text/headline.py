"""The first line about an alert: how urgent it is or how it ended, where, what, and what is special about it now."""

from collections.abc import Iterator, Sequence

from alerts.model.now import Now
from alerts.model.own_sources import REBUILT
from alerts.model.routed_alert import RoutedAlert
from alerts.model.tracked_alert import LastNotification, TrackedAlert
from alerts.text.annotations import ENDS, late_text, signal_lost_text
from alerts.text.places import place, places
from alerts.text.text_limits import LONGEST_LINE, LONGEST_SUBJECT
from ward.alert import Alert
from ward.clock import SECOND, format_span
from ward.config.config import Config
from ward.finding import End, Kind, Severity
from ward.ids import printable
from ward.reason import Reason

ENDED = {
    End.RECOVERED: "ENDED (recovered)",
    End.DISCHARGED: "ENDED (discharged)",
    End.SUPERSEDED: "ENDED (superseded)",
    End.SIGNAL_LOST: "SIGNAL LOST (not known to be over)",
    End.RULE_CHANGED: "NO LONGER JUDGED (rule changed)",
    End.PAUSED: "NO LONGER WATCHED (paused)",
}


class Headlines:
    """Writes headlines with the names and the time zone of a config, at one instant."""

    def __init__(self, config: Config, now: Now) -> None:
        self._config = config
        self._zone = config.alerting.timezone
        self._now = now

    def update(self, update: RoutedAlert) -> str:
        """`HIGH ICU bed 7: SpO2 84 % < 88 for 15 s`, and after it what is new for this receiver."""
        return self._line(update.tracked, update.reason, update.last)

    def unchanged(self, tracked: TrackedAlert) -> str:
        """The same for an alert that the receiver knows already."""
        return self._line(tracked)

    def subject(self, updates: Sequence[RoutedAlert]) -> str:
        """The first update in one line, and how many more there are."""
        line = self.update(updates[0])
        if len(updates) == 1:
            return printable(line, LONGEST_SUBJECT)
        return printable(self.together(updates) or f"{line} and {len(updates) - 1} more", LONGEST_SUBJECT)

    def together(self, updates: Sequence[RoutedAlert]) -> str:
        """`MEDIUM Intensive care: 40 times device-silent: ICU beds 1, 2, 3, … and 30 more`; "" for anything else.

        For three or more technical alerts of one rule in one ward that all are active, or ended in the same way.
        """
        alerts = [update.tracked.alert for update in updates]
        same = {(a.labels.get("alertname", ""), a.labels.get("ward", ""), a.kind, a.ended) for a in alerts}
        name, ward, kind, _ = same.pop()
        if len(alerts) < 3 or same or kind is not Kind.TECHNICAL:
            return ""
        known = self._config.inventory.wards.get(ward)
        where = f"{known.name if known else ward}: " if ward else ""
        names = [place(alert, self._config.inventory) for alert in alerts]
        if not all(names):
            return ""
        return f"{_status(alerts[0])} {where}{len(alerts)} times {name}: {places(names)}"

    def _line(self, tracked: TrackedAlert, reason: Reason | None = None, last: LastNotification | None = None) -> str:
        alert = tracked.alert
        status = _status(alert)
        if reason is Reason.SIGNAL_LOST:
            status = f"SIGNAL LOST, not over: {status}"
        notes = "".join(f" ({note})" for note in self._notes(tracked, reason, last))
        return printable(f"{status} {alert.annotations.get('summary', alert.id)}{notes}", LONGEST_LINE)

    def _notes(self, tracked: TrackedAlert, reason: Reason | None, last: LastNotification | None) -> Iterator[str]:
        alert = tracked.alert
        if reason in (Reason.PRIORITY_RAISED, Reason.PRIORITY_LOWERED) and last is not None:
            yield f"was {Severity.of_rank(last.rank)}"
        if reason in (Reason.REPEATED, Reason.ESCALATED):
            yield f"nobody has it for {format_span((self._now.steady - tracked.unacknowledged_since) / SECOND)}"
        if alert.late:
            yield late_text(alert.late)
        if alert.latched is not None and alert.source != REBUILT:
            yield f"{ENDS[alert.latched]}; stays until acknowledged"
        elif alert.lost_since is not None:
            yield signal_lost_text(alert.lost_since, self._now.wall, self._zone)


def _status(alert: Alert) -> str:
    return str(alert.severity).upper() if alert.active else ENDED[alert.ended or End.RECOVERED]
