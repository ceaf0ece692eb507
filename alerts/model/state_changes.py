"""What one step of the pipeline writes to its store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from alerts.model.delivery_result import RecipientState
from alerts.model.outbox_entry import OutboxEntry
from ward.clock import Micros
from ward.ports import Partition


class StateRecord(NamedTuple):
    """One alert, group, silence or action as JSON. `open` ones are loaded at a start.

    `at` (wall clock) is when it was last changed, for deleting old ones.
    """

    kind: str
    id: str
    open: bool
    at: Micros
    body: bytes


class Publication(NamedTuple):
    """A message for the log; they are sent in the order of `number`."""

    number: int
    topic: str
    key: str
    value: bytes


class ChannelBacklog(NamedTuple):
    """What waits on a channel: how many messages, when the oldest was queued (steady time), and the last error."""

    channel: str
    waiting: int
    oldest: Micros
    error: str


class ChannelRecipient(NamedTuple):
    """A recipient of a channel: what the last message to it has come to ("" for none yet), the reply, since when.

    `outcome` is an `alerts.model.delivery_result.Outcome`, `since` is on the wall clock.
    """

    channel: str
    recipient: str
    outcome: str
    reply: str
    since: Micros


class MessageDelivery(NamedTuple):
    """What has become of a message of the outbox: its `status` in words, and the last attempt at each recipient."""

    waiting: bool
    status: str
    recipients: Mapping[str, RecipientState]


@dataclass(slots=True)
class StateChanges:
    """Everything that one step decided.

    `removed` holds kind and id of records to delete, `publications` topic, key and value of messages for the log,
    `published` the number up to which publications are durable in the log and may be deleted.
    """

    records: list[StateRecord] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    positions: dict[Partition, int] = field(default_factory=dict)
    publications: list[tuple[str, str, bytes]] = field(default_factory=list)
    outbox: list[OutboxEntry] = field(default_factory=list)
    published: int = 0

    def __bool__(self) -> bool:
        return any((self.records, self.removed, self.positions, self.publications, self.outbox, self.published))
