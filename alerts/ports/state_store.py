"""Where the pipeline keeps its state."""

from collections.abc import Iterable
from typing import Protocol

from alerts.model.receipt import Receipt
from alerts.model.state_changes import ChannelBacklog, ChannelRecipient, MessageDelivery, Publication, StateChanges
from ward.clock import Micros
from ward.ports import Partition


class StateStore(Protocol):
    """State, log positions, publications and outbox, changed together: one `write` stores all of it or nothing.

    One pipeline uses it at a time. `damaged_file` names the damaged file that was replaced by an empty one when the
    store was opened, "" when there was none.
    """

    damaged_file: str

    def open_records(self, kind: str) -> list[bytes]:
        """The bodies of all open records of a kind."""
        ...

    def record(self, kind: str, id_: str) -> bytes | None:
        """The body of one record, open or not; None when there is none."""
        ...

    def positions(self) -> dict[Partition, int]:
        """The offset to read next in each partition of the log."""
        ...

    def unpublished(self, after: int = 0) -> list[Publication]:
        """Publications with a number above `after` that are not known to be in the log, oldest first."""
        ...

    def backlogs(self) -> list[ChannelBacklog]:
        """What waits in the outbox, by channel; channels where nothing waits are left out."""
        ...

    def recipients(self) -> list[ChannelRecipient]:
        """What the last message to each recipient of each channel has come to."""
        ...

    def receipts(self) -> list[Receipt]:
        """What became of messages at phones, as far as it is known, the oldest message first."""
        ...

    def write(self, changes: StateChanges) -> None:
        """All changes in one transaction, durable when this returns. Raises, and changes nothing, when that fails, and
        when what it writes would not be found by the senders or after a restart."""
        ...

    def withdraw(self, channels: Iterable[str], why: str) -> None:
        """Send nothing of what waits for these channels any more."""
        ...

    def delivery(self, key: str, channel: str) -> MessageDelivery:
        """What has become of a message for a channel; one that is not written yet waits."""
        ...

    def give_up(self, key: str, channel: str, why: str) -> None:
        """Send a message that waits for a channel no more."""
        ...

    def delete_closed(self, before: Micros) -> None:
        """Delete closed records and finished outbox entries last changed before `before` (wall clock)."""
        ...

    def start_over(self) -> None:
        """Set everything aside under another name and go on empty: for records that cannot be read."""
        ...

    def close(self) -> None: ...
