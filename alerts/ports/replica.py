"""The store of the alerts as one of several copies, which follow each other by the log."""

from collections.abc import Sequence
from typing import Protocol

from alerts.ports.state_store import StateStore


class ReplicaStore(StateStore, Protocol):
    """A `StateStore` that follows the active one's, until it is itself the active one's.

    `file_id` is its own for as long as it exists. `was_active` says that it may have what is not in the log yet.
    """

    @property
    def file_id(self) -> str: ...

    @property
    def was_active(self) -> bool: ...

    def apply(self, keys: Sequence[str], values: Sequence[bytes]) -> None:
        """Make the rows what records of the topic `ward.alerts-state` say, in one transaction."""
        ...

    def owner(self, keys: Sequence[str], values: Sequence[bytes]) -> str | None:
        """The id of the store that these records are from; None when they do not say.

        Raises `SettingsError` when another version of Wardwatch has written them.
        """
        ...

    def take_over(self, *, whole: bool) -> None:
        """From now on this is the active one's: every change is among `unpublished`; with `whole` all there is."""
        ...

    def clear(self) -> None:
        """Delete all of it, to follow from the beginning."""
        ...
