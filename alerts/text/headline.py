"""The first line about an alert: how urgent it is or how it ended, where, what, and what is special about it now."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from alerts.model.now import Now
from alerts.model.routed_alert import RoutedAlert
from alerts.model.tracked_alert import LastNotification, TrackedAlert
from alerts.text import texts
from alerts.text.annotations import late_text, signal_lost_text
from alerts.text.limits import LONGEST_LINE, LONGEST_SUBJECT, MOST_LINES, shorten
from alerts.text.places import place, places, prefix
from alerts.text.status import NOT_ACKNOWLEDGED, priority, status_of
from alerts.text.subject import subject_of, with_more
from ward.alert import REBUILT, Ack, Alert
from ward.alert_order import gravest
from ward.clock import SECOND, Micros, format_span
from ward.config.config import Config
from ward.end_text import ENDS
from ward.finding import Kind, Severity
from ward.ids import printable
from ward.limit_text import quantity
from ward.local_time import local_time
from ward.reason import Reason

# A value that was measured longer ago is given with its time, and an alert without a value with its beginning.
OLD_VALUE = 60 * SECOND


class Headlines:
    """Writes headlines with the names and the time zone of a config, at one instant.

    `active` are all active alerts: the end of one says which other alert of the same bed is still active.
    """

    def __init__(self, config: Config, now: Now, active: Iterable[TrackedAlert] = ()) -> None:
        self._inventory, self._catalogue = config.inventory, config.catalogue
        self._zone = config.alerting.timezone
        self._now = now
        self._active_by_bed: dict[str, list[Alert]] = defaultdict(list)
        for tracked in active:
            if tracked.physiological and not tracked.alert.is_over and "bed" in tracked.alert.labels:
                self._active_by_bed[tracked.alert.labels["bed"]].append(tracked.alert)

    def update(self, update: RoutedAlert) -> str:
        """`HIGH priority, ICU bed 7: SpO2 84 % < 88`, and after it what is new for this receiver."""
        return self._line(update.tracked, update.reason, update.last_notification)

    def unchanged(self, tracked: TrackedAlert) -> str:
        """The same for an alert that the receiver knows already."""
        return self._line(tracked)

    def subject(
        self, updates: Sequence[RoutedAlert], room: int = LONGEST_SUBJECT, clean: Callable[[str], str] = str
    ) -> str:
        """One line about all updates, the gravest first, in at most `room` characters: the first whole, then how many
        more there are, and of those what there is room for."""
        if alike := self.grouped_line(updates):
            return shorten(clean(alike), room)
        elsewhere = len({self._where(update.tracked.alert) for update in updates}) > 1
        others = updates[1:MOST_LINES]
        lines = [clean(self._beside(update, elsewhere)) for update in others]
        brief = [clean(self._briefly(update)) for update in others] if elsewhere else lines
        over = all(not alert.active or alert.is_over for alert in (update.tracked.alert for update in updates))
        return subject_of(clean(self.update(updates[0])), lines, brief, len(updates) - 1, room, over=over)

    def grouped_line(self, updates: Sequence[RoutedAlert]) -> str:
        """`MEDIUM priority, Intensive care: 40 alerts device-silent: ICU beds 1, 2, … and 30 more`.

        For three or more technical alerts of one rule in one ward that all are active, or ended in the same way; ""
        for any others.
        """
        alerts = [update.tracked.alert for update in updates]
        same = {(a.labels.get("alertname", ""), a.labels.get("ward", ""), a.kind, a.ended) for a in alerts}
        name, ward, kind, _ = same.pop()
        if len(alerts) < 3 or same or kind is not Kind.TECHNICAL:
            return ""
        known = self._inventory.wards.get(ward)
        where = f", {known.name if known else ward}" if ward else ""
        names = [place(alert, self._inventory) for alert in alerts]
        if not all(names):
            return ""
        return texts.ALIKE(status=status_of(alerts[0]), ward=where, count=len(alerts), rule=name, places=places(names))

    def _line(self, tracked: TrackedAlert, reason: Reason | None = None, last: LastNotification | None = None) -> str:
        alert = tracked.alert
        if not alert.active:
            return printable(self._ended(alert, status_of(alert)), LONGEST_LINE)
        if alert.is_over:
            return printable(self._ended(alert, status_of(alert), self._waiting(tracked)), LONGEST_LINE)
        line = texts.UPDATE(status=status_of(alert, reason), alert=alert.annotations.get("summary", alert.id))
        notes = "; ".join(self._notes(tracked, reason, last))
        return printable(texts.UPDATE_NOTES(update=line, notes=notes) if notes else line, LONGEST_LINE)

    def _beside(self, update: RoutedAlert, elsewhere: bool) -> str:
        """`MEDIUM priority, Respiratory rate 30 /min > 24`: one of several, in short."""
        alert = update.tracked.alert
        where = self._where(alert) if elsewhere else ""
        if alert.active and not alert.is_over:
            line = texts.UPDATE(status=status_of(alert, update.reason), alert=f"{where}{self._text(alert)}")
            measured = "; ".join(self._measured(alert))
            return printable(texts.UPDATE_NOTES(update=line, notes=measured) if measured else line, LONGEST_LINE)
        now, text = alert.annotations.get("now", ""), self._text(alert)
        if not now or now == text:
            now = texts.WAS(priority=priority(alert.peak_severity), text=text)
        return printable(texts.UPDATE(status=status_of(alert), alert=f"{where}{now}"), LONGEST_LINE)

    def _briefly(self, update: RoutedAlert) -> str:
        """`MEDIUM priority, ICU bed 3`: which place it is about, and how urgent it is."""
        alert = update.tracked.alert
        where = place(alert, self._inventory) or self._text(alert)
        return printable(texts.UPDATE(status=status_of(alert, update.reason), alert=where), LONGEST_LINE)

    def _waiting(self, tracked: TrackedAlert) -> str:
        """`ended at 14:20:03 CET; not acknowledged for 5 min`, of an alert that is only active because of that."""
        time = self._time(tracked.alert.latched_at or self._now.wall)
        return texts.WAITING(time=time, unacknowledged=self._unacknowledged(tracked))

    def _unacknowledged(self, tracked: TrackedAlert) -> str:
        return texts.UNACKNOWLEDGED(span=format_span((self._now.steady - tracked.unacknowledged_since) / SECOND))

    def _ended(self, alert: Alert, status: str, note: str = "") -> str:
        """What is true now and what this one was about, and the gravest alert of the bed that goes on. The graver one
        of both stands first, for a phone shows only the first words."""
        other, more = self._still_active(alert)
        if other is None:
            return self._end(alert, status, note, self._where(alert))
        waits_for_more = status == NOT_ACKNOWLEDGED and alert.peak_severity.rank > other.severity.rank
        ended = self._end(alert, status, note, self._where(alert) if waits_for_more else "")
        line = texts.GOES_ON(
            priority=priority(other.severity), place=": " if waits_for_more else f", {self._where(other)}",
            text=self._text(other),
        )  # fmt: skip
        first, second = (ended, with_more(line, more)) if waits_for_more else (with_more(line, more), ended)
        return texts.BOTH(first=first, second=second)

    def _end(self, alert: Alert, status: str, note: str, where: str) -> str:
        now, text = alert.annotations.get("now", ""), self._text(alert)
        note = note or texts.LASTED(span=format_span(((alert.ends_at or alert.updated_at) - alert.starts_at) / SECOND))
        template = texts.ENDED_NOW if now and now != text else texts.ENDED_WAS
        return template(
            status=status, place=f", {where}" if where else ": ", now=now, notes="; ".join((*self._worst(alert), note)),
            was=texts.WAS(priority=priority(alert.peak_severity), text=text),
        )  # fmt: skip

    def _still_active(self, ended: Alert) -> tuple[Alert | None, int]:
        """The gravest other alert of the bed that goes on, if there is any, and how many more there are."""
        others = [a for a in self._active_by_bed.get(ended.labels.get("bed", ""), ()) if a.id != ended.id]
        return (gravest(others, self._catalogue), len(others) - 1) if others else (None, 0)

    def _where(self, alert: Alert) -> str:
        labels = alert.labels
        found = prefix(labels.get("bed", ""), labels.get("ward", ""), labels.get("device_id", ""), self._inventory)
        return found if alert.annotations.get("summary", "").startswith(found) else ""

    def _text(self, alert: Alert) -> str:
        return alert.annotations.get("summary", alert.id).removeprefix(self._where(alert))

    def _notes(self, tracked: TrackedAlert, reason: Reason | None, last: LastNotification | None) -> Iterator[str]:
        alert = tracked.alert
        yield from self._measured(alert)
        yield from self._worst(alert)
        span, old = self._now.wall - alert.starts_at, tracked.unacknowledged_since - tracked.tracked_since
        repeated = reason in (Reason.REPEATED, Reason.ESCALATED, Reason.ON_CALL_CHANGED)
        if span >= OLD_VALUE and alert.value_at is not None and (old or not repeated):
            yield texts.LASTING(span=format_span(span / SECOND))
        if reason in (Reason.PRIORITY_RAISED, Reason.PRIORITY_LOWERED) and last is not None:
            yield texts.WAS_PRIORITY(priority=priority(Severity.of_rank(last.rank)))
        if repeated:
            yield self._unacknowledged(tracked)
        if reason is Reason.REMINDED and alert.ack is not None:
            yield self._still_there(tracked, alert.ack)
        if alert.detected_late_s:
            yield late_text(alert.detected_late_s)
        if alert.latched is not None and alert.source != REBUILT:
            yield texts.STAYS(end=ENDS[alert.latched])
        elif alert.signal_lost_since is not None:
            yield signal_lost_text(alert.signal_lost_since, self._now.wall, self._zone)

    def _measured(self, alert: Alert) -> Iterator[str]:
        """When the value was measured, or since when there is an alert without one, where that is not just now."""
        if alert.value_at is not None and self._now.wall - alert.value_at >= OLD_VALUE:
            yield texts.MEASURED(time=self._time(alert.value_at))
        elif alert.value_at is None and self._now.wall - alert.starts_at >= OLD_VALUE:
            time = self._time(alert.starts_at)
            if texts.SHORT_SINCE(time=time) not in self._text(alert):
                yield texts.SINCE(time=time)

    def _worst(self, alert: Alert) -> Iterator[str]:
        """`worst 54 %`, where that is not the value now."""
        signal = self._catalogue.known(alert.labels.get("metric", ""))
        if alert.kind is Kind.PHYSIOLOGICAL and alert.worst is not None and alert.value is not None:
            worst, over = quantity(signal, alert.worst, alert.limit), alert.latched or not alert.active
            if not (f" {worst}" in alert.peak_text if over else worst == quantity(signal, alert.value, alert.limit)):
                yield texts.WORST(value=worst)

    def _still_there(self, tracked: TrackedAlert, ack: Ack) -> str:
        """`acknowledged by Ada at 14:02:15 CET, still active after 30 min`."""
        before = texts.TAKEN_OVER(by=ack.taken_over_from) if ack.taken_over_from else ""
        return texts.STILL_THERE(
            by=ack.by, before=before, time=self._time(ack.at),
            span=format_span((self._now.steady - tracked.acknowledged_since) / SECOND),
        )  # fmt: skip

    def _time(self, at: Micros) -> str:
        return local_time(at, self._zone, self._now.wall)
