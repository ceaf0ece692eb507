"""Where the receipts of messages are kept, and who is asked for them."""

from collections.abc import Callable
from typing import Protocol

from alerts.model.receipt import Receipt, ReceiptAnswer
from ward.clock import Micros


class ReceiptStore(Protocol):
    """The receipts that are awaited, on file."""

    def due(self, now: Micros) -> list[Receipt]:
        """Receipts to ask for now: one of each gateway, then the next of each; the open and oldest ones first.

        Some of each gateway only, so that no gateway takes the place of another.

        Raises `SettingsError` when the file that was opened is no longer the one in use.
        """
        ...

    def put(self, receipt: Receipt) -> None:
        """Write what is known of a message now, also as the state of its recipient."""
        ...

    def prune(self, before: Micros, most: int) -> int:
        """Forget messages sent before `before`, and the oldest beyond `most`. Returns how many of these were open."""
        ...

    def close(self) -> None: ...


# Raises `SettingsError` while there is no file yet.
OpenReceipts = Callable[[], ReceiptStore]
# URL and reference → what its service says; None where the message is not of this service.
AskReceipt = Callable[[str, str], ReceiptAnswer | None]
