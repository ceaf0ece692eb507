"""The notifier: one channel to people, and what became of each message."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMessage:
    """A message for one channel: plain text, subject first.

    `key` is the same however often it is sent; the notifier writes it below the body, as `key: …`.
    """

    key: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of a notice. `delivered` only when *every* service of the channel took it."""

    delivered: bool
    detail: str = ""


class Notifier(Protocol):
    """Hands notices to one channel. May take long or hang: run it where it can be killed."""

    def send(self, notice: ChannelMessage) -> Delivery: ...
