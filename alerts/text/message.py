"""The messages of notifications: a subject, then value, limit, time, place and what to do. Plain text only."""

from collections.abc import Iterable, Iterator, Sequence

from alerts.model.channel_message import ChannelMessage
from alerts.model.now import Now
from alerts.model.routed_alert import RoutedAlert
from alerts.model.tracked_alert import TrackedAlert
from alerts.text import texts
from alerts.text.headline import Headlines
from alerts.text.limits import MOST_LINES, body_of, overhead, to_ascii
from alerts.text.links import ack_link, screen_link
from alerts.text.status import priority
from alerts.text.subject import with_more
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
        if limit:
            return self._short(key, updates, limit, channel)
        single = len(updates) == 1 and not still_active
        body = self._single(updates[0], channel) if single else self._several(updates, still_active, channel)
        return ChannelMessage(key=key, subject=self._headlines.subject(updates), body=body_of(body))

    def _single(self, update: RoutedAlert, channel: str) -> list[str]:
        alert = update.tracked.alert
        lines = [self._headlines.update(update), "", *self._facts(alert), ""]
        lines += [texts.WHAT_TO_DO(link=alert.annotations["runbook_url"])] if "runbook_url" in alert.annotations else []
        lines.append((texts.ACKNOWLEDGE if alert.active else texts.SEE)(link=self._link(alert, channel)))
        lines.append(texts.WHY(reason=update.reason))
        return lines

    def _several(self, updates: Sequence[RoutedAlert], still_active: Sequence[RoutedAlert], channel: str) -> list[str]:
        """The updates first, with one line for many of the same kind; then what is still active."""
        lines: list[str] = []
        brief = self._headlines.grouped_line(updates) != ""
        for update in updates[:MOST_LINES]:
            lines.append(self._headlines.update(update))
            lines += [] if brief else [*self._details(update.tracked.alert, channel), ""]
        lines += _and_more(len(updates) - MOST_LINES)
        lines += [""] if lines[-1] else []
        if still_active:
            lines += [texts.OTHERS_ACTIVE(), *(self._still(routed.tracked) for routed in still_active[:MOST_LINES])]
            lines += [*_and_more(len(still_active) - MOST_LINES), ""]
        lines.append(texts.ALL_ALERTS(link=screen_link(self._alerting.external_url)))
        return lines

    def _facts(self, alert: Alert) -> Iterator[str]:
        found = alert.annotations
        over = not alert.active or alert.latched is EndReason.RECOVERED  # the first line has the value now
        limit = texts.AND_LIMIT(limit=found["limit"]) if "limit" in found else ""
        if "value" in found and not (over and alert.worst is not None):
            time = "" if alert.value_at is None else texts.AT_TIME(time=self._time(alert.value_at))
            yield (texts.VALUE_DURING if over else texts.VALUE)(value=found["value"], time=time, limit=limit)
        if alert.worst is not None and (over or alert.worst != alert.value):
            time = self._time(alert.worst_at or alert.starts_at)
            yield texts.WORST_VALUE(value=self._value(alert, alert.worst), time=time, limit=limit if over else "")
        if alert.peak_severity is not alert.severity:
            yield texts.PEAK(priority=priority(alert.peak_severity))
        ended = alert.ends_at or (alert.latched_at if over else None) or self._now.wall
        span = format_span((ended - alert.starts_at) / SECOND)
        yield texts.ALERT_SINCE(time=self._time(alert.starts_at), span=span)
        if "ended" in found:
            yield found["ended"][:1].upper() + found["ended"][1:]
        if alert.ack is not None:
            note = f": {alert.ack.note}" if alert.ack.note else ""
            yield texts.ACKNOWLEDGED(by=alert.ack.by, time=self._time(alert.ack.at), note=note)
        for label, template in {"patient_id": texts.PATIENT, "device_id": texts.DEVICE, "ward": texts.WARD}.items():
            if label in alert.labels:
                yield template(id=alert.labels[label])
        rule = found.get("rule", alert.labels.get("alertname", ""))
        yield texts.RULE(rule=rule, config=found["config"]) if found.get("config") else texts.RULE_OF_OTHERS(rule=rule)
        if "override" in found:
            yield texts.SPECIAL_LIMITS(why=found["override"])

    def _value(self, alert: Alert, value: float) -> str:
        signal = self._catalogue.known(alert.labels.get("metric", ""))
        return quantity(signal, value, alert.limit)

    def _details(self, alert: Alert, channel: str) -> Iterator[str]:
        yield texts.SINCE_TIME(time=self._time(alert.starts_at))
        if "ended" in alert.annotations:
            yield f"  {alert.annotations['ended']}"
        if alert.active:
            yield texts.ACKNOWLEDGE_BELOW(link=self._link(alert, channel))

    def _still(self, tracked: TrackedAlert) -> str:
        line, ack = self._headlines.unchanged(tracked), tracked.alert.ack
        return texts.STILL_ACKNOWLEDGED(alert=line, by=ack.by) if ack else line

    def _short(self, key: str, updates: Sequence[RoutedAlert], limit: int, channel: str) -> ChannelMessage:
        """The first alert and how many more, time and link, as much of them as fits into `limit` with all that the
        notifier adds; then the names of the other alerts in what is left."""
        alert, room, body = updates[0].tracked.alert, max(0, limit - overhead(key)), ""
        first = with_more(to_ascii(self._headlines.update(updates[0])), len(updates) - 1, over=True)  # the longest
        since = texts.SHORT_SINCE(time=self._time(alert.starts_at))
        for part in (since, self._link(alert, channel), self._link(alert)):
            longer = f"{body} {to_ascii(part)}".strip()
            if len(first) + len(longer) <= room and "http" not in body:
                body = longer
        subject = self._headlines.subject(updates, room - len(body), to_ascii)
        return ChannelMessage(key=key, subject=subject, body=body)

    def _time(self, at: int) -> str:
        return local_time(at, self._zone, self._now.wall)

    def _link(self, alert: Alert, channel: str = "") -> str:
        """A link that acknowledges an active alert, or opens it on the screen."""
        if channel and alert.active and (signed := ack_link(self._alerting, alert.id, channel, self._now.wall)):
            return signed
        return screen_link(self._alerting.external_url, alert.labels.get("bed", ""), alert.id)


def _and_more(count: int) -> list[str]:
    """The line about alerts that have none."""
    return [texts.AND_MORE(count=count)] if count > 0 else []
