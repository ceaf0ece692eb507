"""Ownership inside one process (memory, SQLite), by the groups of its log."""

from collections.abc import Callable

from ward.adapters.local_consumer import LocalConsumer
from ward.ports.log import Partition
from ward.topics import OWNERSHIP

_PLACE = Partition(OWNERSHIP, 0)


class LocalOwnership:
    """Port `Ownership`: the member that the partition is assigned to. There is no other process that could take it."""

    def __init__(self, join: Callable[[], LocalConsumer]) -> None:
        self._consumer = join()

    @property
    def held(self) -> bool:
        return _PLACE in self._consumer.held

    @property
    def certain_until(self) -> float:
        return float("inf") if self.held else 0.0

    def poll(self, wait: float) -> None:
        self._consumer.poll(1, 0 if self.held else wait)

    def close(self) -> None:
        self._consumer.close()
