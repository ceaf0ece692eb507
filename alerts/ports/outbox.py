"""The messages that wait to be sent, as the senders see them."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from alerts.model.delivery_result import RecipientState
from alerts.model.outbox_entry import OutboxEntry
from ward.clock import Micros


class Queued(NamedTuple):
    """A waiting message: its number, and the beds or devices it is about.

    `publication` is the number of the publication with it, 0 where there is none.
    """

    number: int
    places: frozenset[str]
    publication: int = 0


class Outbox(Protocol):
    """The senders' side of what a `StateStore` has written to its outbox."""

    def queue(self, channel: str) -> Generator[Queued, None, None]:
        """What waits for a channel, the most urgent first and then the oldest.

        Raises `SettingsError` when the outbox that was opened is no longer the one in use: open it again.
        """
        ...

    def entry(self, number: int) -> OutboxEntry | None:
        """A waiting message; None when it does not wait any more."""
        ...

    def alerts(self, ids: Sequence[str]) -> list[bytes]:
        """The records of these tracked alerts as they are now; ids without a record are left out."""
        ...

    def commit(self) -> AbstractContextManager[None]:
        """All changes within the context together; durable at its end."""
        ...

    def record(
        self, entry: OutboxEntry, recipient: str, state: RecipientState, at: Micros, reference: str = ""
    ) -> None:
        """What became of a message at a recipient; `at` is on the wall clock.

        With a `reference`, by which its service knows it, the receipt of the recipient's phone is awaited.
        """
        ...

    def attempted(self, entry: OutboxEntry, error: str) -> None:
        """An attempt is over, and what its recipients answered that do not have the message; it keeps waiting."""
        ...

    def finish(self, number: int, status: str) -> None:
        """The message does not wait any more."""
        ...

    def reorder(self, number: int, priority: int) -> None:
        """Change the priority of a waiting message."""
        ...

    def set_recipients(self, channel: str, names: Iterable[str]) -> None:
        """All recipients that a channel has now; others of it are forgotten."""
        ...

    def close(self) -> None: ...


# Raises `SettingsError` while there is no outbox yet.
OpenOutbox = Callable[[], Outbox]
