"""The message that tests a channel. It says first that it is no alert, and has no link to acknowledge anything."""

from alerts.model.channel_message import ChannelMessage
from alerts.text.limits import LONGEST_SUBJECT, body_of, overhead, shorten, to_ascii
from ward.action import Action
from ward.channel_test import NO_ALERT
from ward.config.alerting import Channel
from ward.ids import printable
from ward.local_time import local_time
from ward.text_template import TextKind, TextTemplate

SUBJECT = TextTemplate(
    TextKind.MESSAGE, NO_ALERT + ": channel {channel}, asked for by {by} at {at}", channel="mail", by="Nurse Ada",
    at="14:02:15 CET",
)  # fmt: skip
WHAT = TextTemplate(TextKind.MESSAGE, "This is a test of the channel {channel}. Nobody needs to come.", channel="mail")
WHO = TextTemplate(
    TextKind.MESSAGE, "Asked for by {by} on {at}.", by="Nurse Ada", at="2026-11-21 14:02:15 CET"
)  # fmt: skip
NOTE = TextTemplate(TextKind.MESSAGE, "Note of {by}: {note}", by="Nurse Ada", note="new telephones")


def channel_test_message(key: str, action: Action, channel: Channel, zone: str) -> ChannelMessage:
    """The message of a test for one channel."""
    by, at, name = printable(action.by, 80), action.at, printable(channel.name, 60)
    subject = SUBJECT(channel=name, by=by, at=local_time(at, zone, at))
    if channel.max_characters:
        room = max(0, channel.max_characters - overhead(key))
        return ChannelMessage(key=key, subject=shorten(to_ascii(subject), room), body="")
    lines = [WHAT(channel=name), WHO(by=by, at=local_time(at, zone))]
    lines += [NOTE(by=by, note=action.note)] if action.note else []
    return ChannelMessage(key=key, subject=printable(subject, LONGEST_SUBJECT), body=body_of(lines))
