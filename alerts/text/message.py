"""The messages of notifications: a subject, then value, limit, time, place and what to do. Plain text only."""

from collections.abc import Iterable, Iterator, Sequence

from alerts.model.channel_message import ChannelMessage
from alerts.model.now import Now
from alerts.model.routed_alert import RoutedAlert
from alerts.model.tracked_alert import TrackedAlert
from alerts.text.headline import Headlines, priority
from alerts.text.limits import MOST_LINES, body_of, overhead, shorten, to_ascii
from alerts.text.links import ack_link, screen_link
from ward.alert import Alert
from ward.clock import SECOND, format_span
from ward.config.config import Config
from ward.finding import EndReason
from ward.limit_text import quantity
from ward.local_time import local_time


class MessageWriter:
    """Writes messages with the names, links and time zone of a config, at one instant.

    `active` are all active alerts: the end of one says which other one is still active.
    """

    def __init__(self, config: Config, now: Now, active: Iterable[TrackedAlert] = ()) -> None:
        self._alerting = config.alerting
        self._zone = config.alerting.timezone
        self._now = now
        self._catalogue = config.catalogue
        self._headlines = Headlines(config, now, active)

    def message(
        self,
        key: str,
        updates: Sequence[RoutedAlert],
        still_active: Sequence[RoutedAlert],
        limit: int = 0,
        channel: str = "",
    ) -> ChannelMessage:
        """The message about some updates; with a `limit` it has at most so many characters, all in ASCII.

        `still_active` are alerts that the receiver knows and that go on unchanged. Links acknowledge for
        the recipients of `channel`, if the config can sign them.
        """
        subject = self._headlines.subject(updates)
        if limit:
            return self._short(key, updates[0].tracked.alert, subject, limit, channel)
        single = len(updates) == 1 and not still_active
        body = self._single(updates[0], channel) if single else self._several(updates, still_active, channel)
        return ChannelMessage(key=key, subject=subject, body=body_of(body))

    def _single(self, update: RoutedAlert, channel: str) -> list[str]:
        alert = update.tracked.alert
        lines = [self._headlines.update(update), "", *self._facts(alert), ""]
        lines += [f"What to do: {alert.annotations['runbook_url']}"] if "runbook_url" in alert.annotations else []
        lines.append(f"{'Acknowledge' if alert.active else 'See'}: {self._link(alert, channel)}")
        lines.append(f"Reason for this message: {update.reason}")
        return lines

    def _several(self, updates: Sequence[RoutedAlert], still_active: Sequence[RoutedAlert], channel: str) -> list[str]:
        """The updates first, with one line for many of the same kind; then what is still active."""
        lines: list[str] = []
        brief = self._headlines.grouped_line(updates) != ""
        for update in updates[:MOST_LINES]:
            lines.append(self._headlines.update(update))
            lines += [] if brief else [*self._details(update.tracked.alert, channel), ""]
        lines += [f"… and {len(updates) - MOST_LINES} more"] if len(updates) > MOST_LINES else []
        lines += [""] if lines[-1] else []
        if still_active:
            lines += ["Other active alerts:", *(self._still(routed.tracked) for routed in still_active[:MOST_LINES])]
            lines += [f"… and {len(still_active) - MOST_LINES} more"] if len(still_active) > MOST_LINES else []
            lines.append("")
        lines.append(f"All alerts: {screen_link(self._alerting.external_url)}")
        return lines

    def _facts(self, alert: Alert) -> Iterator[str]:
        texts = alert.annotations
        over = not alert.active or alert.latched is EndReason.RECOVERED  # the first line has the value now
        limit = f", limit {texts['limit']}" if "limit" in texts else ""
        if "value" in texts and not (over and alert.worst is not None):
            at = "" if alert.value_at is None else f" at {self._time(alert.value_at)}"
            yield f"{'Value during the alert' if over else 'Value'} {texts['value']}{at}{limit}"
        if alert.worst is not None and (over or alert.worst != alert.value):
            at = self._time(alert.worst_at or alert.starts_at)
            yield f"Worst value {self._value(alert, alert.worst)} at {at}{limit if over else ''}"
        if alert.peak_severity is not alert.severity:
            yield f"Highest priority: {priority(alert.peak_severity)}"
        span = format_span(((alert.ends_at or self._now.wall) - alert.starts_at) / SECOND)
        yield f"Alert since {self._time(alert.starts_at)}, for {span}"
        if "ended" in texts:
            yield texts["ended"][:1].upper() + texts["ended"][1:]
        if alert.ack is not None:
            note = f": {alert.ack.note}" if alert.ack.note else ""
            yield f"Acknowledged by {alert.ack.by} at {self._time(alert.ack.at)}{note}"
        for name, label in (("Patient", "patient_id"), ("Device", "device_id"), ("Ward", "ward")):
            if label in alert.labels:
                yield f"{name} {alert.labels[label]}"
        config = texts.get("config") or "of another system"
        yield f"Rule {texts.get('rule', alert.labels.get('alertname', ''))}, config {config}"
        if "override" in texts:
            yield f"Special limits: {texts['override']}"

    def _value(self, alert: Alert, value: float) -> str:
        signal = self._catalogue.known(alert.labels.get("metric", ""))
        return quantity(signal, value, alert.limit)

    def _details(self, alert: Alert, channel: str) -> Iterator[str]:
        yield f"  since {self._time(alert.starts_at)}"
        if "ended" in alert.annotations:
            yield f"  {alert.annotations['ended']}"
        if alert.active:
            yield f"  acknowledge: {self._link(alert, channel)}"

    def _still(self, tracked: TrackedAlert) -> str:
        ack = tracked.alert.ack
        return self._headlines.unchanged(tracked) + (f" (acknowledged by {ack.by})" if ack else "")

    def _short(self, key: str, alert: Alert, subject: str, limit: int, channel: str) -> ChannelMessage:
        """Subject, time and link, as much of them as fits into `limit` with all that the notifier adds."""
        room = max(0, limit - overhead(key))
        subject = shorten(to_ascii(subject), room)
        body = ""
        for part in (f"since {self._time(alert.starts_at)}", self._link(alert, channel), self._link(alert)):
            longer = f"{body} {to_ascii(part)}".strip()
            if len(subject) + len(longer) <= room and "http" not in body:
                body = longer
        return ChannelMessage(key=key, subject=subject, body=body)

    def _time(self, at: int) -> str:
        return local_time(at, self._zone, self._now.wall)

    def _link(self, alert: Alert, channel: str = "") -> str:
        """A link that acknowledges an active alert, or opens it on the screen."""
        if channel and alert.active and (signed := ack_link(self._alerting, alert.id, channel, self._now.wall)):
            return signed
        return screen_link(self._alerting.external_url, alert.labels.get("bed", ""), alert.id)
