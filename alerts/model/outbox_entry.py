"""A message that waits to be sent to one channel."""

from dataclasses import dataclass

from alerts.model.channel_message import ChannelMessage
from ward.clock import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A message for one channel, until the channel has taken it.

    `priority` is the severity's rank of what is active in it, 0 when all has ended: 3 is sent before 1, then the oldest
    first. `queued_at` is in steady time, `queued_wall` on the wall clock. `received_at` is when the bridge received the
    reading that caused it, 0 where the message was not urgent. `alerts` are the ids of the alerts that it reports as
    active, `group` names what it is about, `repeat` says that it only repeats, so that a later repeat of the same
    group may replace it while it waits. `attempts` counts the attempts so far.
    """

    message: ChannelMessage
    channel: str
    priority: int
    queued_at: Micros
    queued_wall: Micros
    received_at: Micros = 0
    alerts: tuple[str, ...] = ()
    group: str = ""
    repeat: bool = False
    attempts: int = 0
