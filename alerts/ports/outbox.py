"""The messages that wait to be sent, as the senders see them."""

from collections.abc import Callable, Generator, Sequence
from typing import Protocol

from alerts.model.outbox_entry import OutboxEntry


class Outbox(Protocol):
    """The senders' side of what a `StateStore` has written to its outbox."""

    def waiting(self, channel: str) -> Generator[OutboxEntry, None, None]:
        """What waits for a channel, the most urgent first and then the oldest.

        Raises `SettingsError` when the outbox that was opened is no longer the one in use: open it again.
        """
        ...

    def alerts(self, ids: Sequence[str]) -> list[bytes]:
        """The records of these tracked alerts as they are now; ids without a record are left out."""
        ...

    def delivered(self, entry: OutboxEntry) -> None:
        """The channel took it. Durable when this returns."""
        ...

    def failed(self, entry: OutboxEntry, detail: str) -> None:
        """An attempt failed; the message keeps waiting."""
        ...

    def close(self) -> None: ...


# Raises `SettingsError` while there is no outbox yet.
OpenOutbox = Callable[[], Outbox]
