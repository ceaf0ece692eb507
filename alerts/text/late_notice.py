"""A notice that comes too late says so."""

from collections.abc import Sequence

from alerts.channels.notifier import ChannelMessage
from alerts.text import annotations
from alerts.text.message import LONGEST_SUBJECT, MOST_LINES, OVER, around, text
from alerts.text.text_limits import cut, plain
from ward.alert import Alert
from ward.config.config import Config
from ward.finding import End
from ward.ids import printable


def late_notice(notice: ChannelMessage, told: Sequence[Alert], config: Config, limit: int = 0) -> ChannelMessage:
    """The notice as it may be sent now: where alerts that it tells as active are over, it tells that too.

    `told` are those alerts as they stand now, `limit` is the channel's. The key stays.
    """
    over = [alert for alert in told if not alert.active and alert.ended is not None]
    if not over:
        return notice
    all_over = len(over) == len(told)
    subject = f"{_since(over, config.alerting.timezone)}: {notice.subject}" if all_over else notice.subject
    if limit:
        room = max(0, limit - len(notice.body) - around(notice.key))
        return ChannelMessage(key=notice.key, subject=cut(plain(subject), room), body=notice.body)
    what = "it is over" if all_over else "this part of it is over"
    lines = [f"This could not be sent in time. By now {what}:"]
    lines += [f"{alert.annotations.get('summary', alert.id)}: {alert.annotations.get('ended', '')}" for alert in over]
    body = text([*lines[:MOST_LINES], "", *notice.body.split("\n")])
    return ChannelMessage(key=notice.key, subject=printable(subject, LONGEST_SUBJECT), body=body)


def _since(over: Sequence[Alert], zone: str) -> str:
    """`ENDED (recovered) since 14:20:03 CET`, by the last one that ended."""
    last = max(over, key=lambda alert: alert.ends_at or 0)
    word = OVER[last.ended or End.RECOVERED] if len({alert.ended for alert in over}) == 1 else "ENDED"
    return f"{word} since {annotations.local(last.ends_at or 0, zone, last.ends_at)}"
