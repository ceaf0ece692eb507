"""A message that waits to be sent to one channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import RecipientState
from ward.clock import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A message for one channel, until every recipient of the channel has it or has refused it.

    `priority` orders what waits, by `alerts.model.urgency`: the highest is sent first, then the oldest.
    `queued_at` is in steady time, `queued_wall` on the wall clock. `received_at` is when the bridge received the
    reading that caused it, 0 where the message was not urgent. `alerts` are the ids of the alerts that it reports as
    active and unacknowledged, `reports_more` says that it reports others too. `places` are the beds or devices it is
    about: of one place only one message is on its way at a time. `group` names what it is about, `repeat` says that it
    only repeats, so that a later repeat of the same group may replace it while it waits. `recipients` are those that
    were asked, `number` is the entry's in the outbox, `attempts` counts the attempts so far.
    """

    message: ChannelMessage
    channel: str
    priority: int
    queued_at: Micros
    queued_wall: Micros
    received_at: Micros = 0
    alerts: tuple[str, ...] = ()
    reports_more: bool = False
    places: tuple[str, ...] = ()
    group: str = ""
    repeat: bool = False
    attempts: int = 0
    number: int = 0
    recipients: Mapping[str, RecipientState] = field(default_factory=dict)
