"""A report as messages for the outbox: below every notification in urgency, otherwise like one."""

from alerts.model.channel_message import ChannelMessage
from alerts.model.now import Now
from alerts.model.outbox_entry import OutboxEntry
from alerts.text.limits import LONGEST_SUBJECT, body_of, overhead, shorten, to_ascii
from ward.action import Action, Report
from ward.config.alerting import Channel
from ward.config.config import Config
from ward.config.schedules import addressed_channels
from ward.ids import digest, printable
from ward.reason import Reason

_URGENCY = 0  # of an outbox entry: every message about an active alert has a higher one


def report_entries(action: Action, now: Now, config: Config) -> tuple[tuple[OutboxEntry, ...], Reason]:
    """One entry for each channel of the report's receivers. The key follows from the action: a repeat is the same."""
    report = action.report
    if report is None or now.wall > report.until:
        return (), Reason.REPORT_LATE
    entries = tuple(
        OutboxEntry(
            message=_message(digest("report", action.id), report, channel), channel=channel.name, priority=_URGENCY,
            queued_at=now.steady, queued_wall=now.wall, places=(action.subject,), group=action.subject,
        )
        for channel in addressed_channels(config.alerting, report.receivers, now.wall)
    )  # fmt: skip
    return entries, Reason.REPORT if entries else Reason.REPORT_WITHOUT_CHANNEL


def _message(key: str, report: Report, channel: Channel) -> ChannelMessage:
    if channel.max_characters:
        room = max(0, channel.max_characters - overhead(key))
        return ChannelMessage(key=key, subject=shorten(to_ascii(report.short), room), body="")
    subject = printable(report.subject, LONGEST_SUBJECT)
    return ChannelMessage(key=key, subject=subject, body=body_of(report.body.split("\n")))
