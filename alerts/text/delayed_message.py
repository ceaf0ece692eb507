"""A message that could not be sent in time, with what has ended since then."""

from collections.abc import Sequence

from alerts.model.channel_message import ChannelMessage
from alerts.text.headline import ENDED
from alerts.text.limits import LONGEST_SUBJECT, MOST_LINES, body_of, overhead, shorten, to_ascii
from ward.alert import Alert
from ward.config.config import Config
from ward.finding import EndReason
from ward.ids import printable
from ward.local_time import local_time


def delayed_message(message: ChannelMessage, alerts: Sequence[Alert], config: Config, limit: int = 0) -> ChannelMessage:
    """The message as it is true now: unchanged unless alerts that it reports as active have ended. The key stays.

    `alerts` are those alerts as they are now, `limit` is the channel's, in characters; 0 is none.
    """
    ended = [alert for alert in alerts if not alert.active and alert.ended is not None]
    if not ended:
        return message
    all_ended = len(ended) == len(alerts)
    subject = f"{_ended_at(ended, config.alerting.timezone)}: {message.subject}" if all_ended else message.subject
    if limit:
        room = max(0, limit - len(message.body) - overhead(message.key))
        return ChannelMessage(key=message.key, subject=shorten(to_ascii(subject), room), body=message.body)
    what = "What it reports has ended" if all_ended else "Some of what it reports has ended"
    lines = [f"This message could not be sent in time. {what}:"]
    lines += [f"{alert.annotations.get('summary', alert.id)}: {alert.annotations.get('ended', '')}" for alert in ended]
    body = body_of([*lines[:MOST_LINES], "", *message.body.split("\n")])
    return ChannelMessage(key=message.key, subject=printable(subject, LONGEST_SUBJECT), body=body)


def _ended_at(ended: Sequence[Alert], zone: str) -> str:
    """`ALERT ENDED at 14:20:03 CET (delayed message)`, by the last one that ended."""
    last = max(ended, key=lambda alert: alert.ends_at or 0)
    word = ENDED[last.ended or EndReason.RECOVERED] if len({alert.ended for alert in ended}) == 1 else "ALERT ENDED"
    return f"{word} at {local_time(last.ends_at or 0, zone, last.ends_at)} (delayed message)"
