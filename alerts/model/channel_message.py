"""A message for a channel to send."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMessage:
    """A message for one channel: subject and body in plain text.

    `key` is the same however often the message is sent; the notifier writes it below the body, as `key: …`.
    """

    key: str
    subject: str
    body: str
