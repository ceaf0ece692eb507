"""A message that could not be sent at once, as it is true when it is sent."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from alerts.model.channel_message import ChannelMessage
from alerts.model.now import Now
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.tracked_alert import TrackedAlert
from alerts.model.urgency import is_first_of_place, urgency
from alerts.text import texts
from alerts.text.headline import Headlines
from alerts.text.limits import LONGEST_SUBJECT, MOST_LINES, body_of, overhead, shorten, to_ascii
from alerts.text.status import ENDED
from alerts.text.subject import with_more
from ward.alert import Alert
from ward.alert_order import priority_key
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import EndReason
from ward.ids import printable
from ward.local_time import local_time

# A message that was written longer ago says when.
OLD = 60 * SECOND


class CurrentMessage(NamedTuple):
    """A message as it is to be sent now, and its priority; no message where all that it reports is acknowledged."""

    message: ChannelMessage | None
    priority: int


def current_message(
    entry: OutboxEntry, tracked: Sequence[TrackedAlert], config: Config, now: Micros, limit: int = 0
) -> CurrentMessage:
    """The message of an entry as it is true now. The key stays.

    `tracked` are the alerts as they are now that the entry reports as active and unacknowledged, `limit` is the
    channel's, in characters; 0 is none. What has ended or was acknowledged meanwhile is never reported as new: the
    subject begins with what still is, or with what has become of it; with all acknowledged there is nothing to say.
    """
    alerts = [found.alert for found in tracked]
    fresh = [found for found in tracked if found.unacknowledged]
    others = [alert for alert in alerts if not alert.active or alert.ack is not None]
    lowered = max((found.alert.severity.rank for found in fresh), default=0) < entry.priority // 8
    if not others and not (fresh and lowered):
        return CurrentMessage(_dated(entry, config, now, limit), entry.priority)
    if not fresh and not entry.reports_more and all(alert.active for alert in alerts):
        return CurrentMessage(None, 0)
    line = _fresh_line(fresh, config, now) if fresh else _become(others, config, entry.message.subject)
    first = is_first_of_place(entry.priority)
    priority = min(entry.priority, urgency((found.alert for found in fresh), first_of_place=first))
    return CurrentMessage(_changed(entry.message, line, others, bool(fresh), config, limit), priority)


def _dated(entry: OutboxEntry, config: Config, now: Micros, limit: int) -> ChannelMessage:
    """The message unchanged, with its time where that is not now."""
    message = entry.message
    if now - entry.queued_wall < OLD:
        return message
    written = local_time(entry.queued_wall, config.alerting.timezone, now)
    room = _room(message, limit) - len(texts.DELAYED_OF(subject="", time=written))  # the time is never cut off
    subject = shorten(to_ascii(message.subject) if limit else message.subject, max(0, room))
    return _with_subject(message, texts.DELAYED_OF(subject=subject, time=written), limit)


def _fresh_line(fresh: Sequence[TrackedAlert], config: Config, now: Micros) -> str:
    """`HIGH priority, ICU bed 7: … and 2 more alerts (delayed message)`, with the most urgent alert first."""
    worst = min(fresh, key=lambda found: priority_key(found.alert, config.catalogue))
    return texts.DELAYED(subject=with_more(Headlines(config, Now(now, 0)).unchanged(worst), len(fresh) - 1))


def _changed(
    message: ChannelMessage, line: str, others: Sequence[Alert], some: bool, config: Config, limit: int
) -> ChannelMessage:
    if limit:
        return _with_subject(message, line, limit)
    lines = [texts.NOT_IN_TIME()]
    if others:
        acknowledged = any(alert.active for alert in others)
        became = (
            (texts.PART_OVER if acknowledged else texts.PART_ENDED)
            if some
            else (texts.ALL_OVER if acknowledged else texts.ALL_ENDED)
        )
        lines[0] += f" {became()}"
    lines += _what_became(others, config.alerting.timezone)
    body = body_of([*lines[:MOST_LINES], "", *message.body.split("\n")])
    return ChannelMessage(key=message.key, subject=printable(line, LONGEST_SUBJECT), body=body)


def _with_subject(message: ChannelMessage, subject: str, limit: int) -> ChannelMessage:
    text = shorten(to_ascii(subject), _room(message, limit)) if limit else printable(subject, LONGEST_SUBJECT)
    return ChannelMessage(key=message.key, subject=text, body=message.body)


def _room(message: ChannelMessage, limit: int) -> int:
    """How many characters a subject may have."""
    return max(0, limit - len(message.body) - overhead(message.key)) if limit else LONGEST_SUBJECT


def _what_became(others: Iterable[Alert], zone: str) -> Iterator[str]:
    for alert in others:
        ack = alert.ack
        taken = texts.TAKEN(by=ack.by, time=local_time(ack.at, zone, ack.at)) if ack is not None else ""
        became = taken if alert.active else alert.annotations.get("ended", "")
        yield f"{alert.annotations.get('summary', alert.id)}: {became}"


def _become(others: Sequence[Alert], config: Config, subject: str) -> str:
    """`ALERT ENDED at 14:20:03 CET (delayed message): …`, by the last one that ended or was acknowledged."""
    zone, ended = config.alerting.timezone, [alert for alert in others if not alert.active]
    if not ended:
        last = max((alert.ack for alert in others if alert.ack is not None), key=lambda ack: ack.at)
        return texts.BECAME(
            became=texts.ACKNOWLEDGED_BY(by=last.by), time=local_time(last.at, zone, last.at), subject=subject
        )
    newest = max(ended, key=lambda alert: alert.ends_at or 0)
    same = len({alert.ended for alert in ended}) == 1
    word = ENDED[(newest.ended if same else None) or EndReason.RECOVERED]
    word = texts.OR_ACKNOWLEDGED(ended=word) if len(ended) < len(others) else word
    return texts.BECAME(became=word, time=local_time(newest.ends_at or 0, zone, newest.ends_at), subject=subject)
