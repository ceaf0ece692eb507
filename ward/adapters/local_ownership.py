"""Ownership inside one process (memory, SQLite), by the groups of its log."""

from collections.abc import Callable, Set

from ward.adapters.local_consumer import Listener, LocalConsumer
from ward.adapters.partitioning import Partitioning
from ward.ports.log import OnRevoke
from ward.topics import OWNERSHIP

# Topic and listener for revoked partitions → a member of the group.
Join = Callable[[str, Listener], LocalConsumer]


class LocalOwnership:
    """Port `Ownership`: the member that a partition is assigned to. There is no other process that could take it."""

    def __init__(
        self, layout: Partitioning, name: str, places: int | None, on_revoke: OnRevoke | None, join: Join
    ) -> None:
        topic = OWNERSHIP
        if places is not None:
            topic = f"{OWNERSHIP}-{name}"
            layout.add(topic, places)
        self.places = layout.count(topic)
        self._consumer = join(topic, lambda revoked: on_revoke({p.number for p in revoked}) if on_revoke else None)

    @property
    def held(self) -> Set[int]:
        return {partition.number for partition in list(self._consumer.held)}

    @property
    def certain_until(self) -> float:
        return float("inf") if self.held else 0.0

    def poll(self, wait: float) -> None:
        self._consumer.poll(1, 0 if self.held else wait)

    def close(self) -> None:
        self._consumer.close()
