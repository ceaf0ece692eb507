"""A reader of a log that lives in this process (memory, SQLite)."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from ward.adapters.consumer_group import ConsumerGroup
from ward.errors import OffsetOutOfRange
from ward.ports.log import Batch, Partition, Partitions

Listener = Callable[[Partitions], None] | None


class Shelf(Protocol):
    """Where records lie. Every method takes care of threads by itself."""

    def locked(self) -> threading.Condition:
        """The lock under which ends, members and what they hold change."""
        ...

    def start(self, partition: Partition) -> int: ...

    def end(self, partition: Partition) -> int: ...

    def read(self, partition: Partition, start: int, limit: int) -> Batch: ...

    def committed(self, group: str, partition: Partition) -> int | None: ...

    def commit(self, group: str, positions: Mapping[Partition, int]) -> None: ...

    def tell(self) -> None:
        """Wake whoever waits for news."""
        ...

    def await_news(self, news: Callable[[], bool], wait: float) -> None:
        """Return when `news()` holds, or after `wait` seconds."""
        ...


class LocalConsumer:
    """A member of a group, or with no group a reader of its own. Callbacks run without any lock held."""

    def __init__(
        self, shelf: Shelf, name: str = "", group: ConsumerGroup | None = None,
        on_assign: Listener = None, on_revoke: Listener = None,
    ) -> None:  # fmt: skip
        self._shelf = shelf
        self._name = name
        self._group = group
        self._joined = False
        self._on_assign = on_assign
        self._on_revoke = on_revoke
        self._turn = 0
        self.held: dict[Partition, int] = {}

    def poll(self, limit: int, wait: float) -> list[Batch]:
        self._rebalance()
        found = list(self._take(limit))
        if not found and wait > 0:
            self._shelf.await_news(self._has_news, wait)
            self._rebalance()
            found = list(self._take(limit))
        return found

    def commit(self, positions: Mapping[Partition, int]) -> None:
        held = {p: offset for p, offset in positions.items() if p in self.held}
        if self._group is not None and held:
            self._shelf.commit(self._name, held)

    def lag(self) -> dict[Partition, int]:
        return {p: self._shelf.end(p) - position for p, position in self.held.items()}

    def close(self) -> None:
        with self._shelf.locked():
            self.held.clear()
            if self._group is not None:
                self._group.leave(self)
        self._shelf.tell()

    def _has_news(self) -> bool:
        if self._group is not None and set(self._group.share(self)) != self.held.keys():
            return True
        return any(self._shelf.end(p) > position for p, position in self.held.items())

    def _rebalance(self) -> None:
        """Give up what is too much, then take what is free and due."""
        if self._group is None:
            return
        with self._shelf.locked():
            if not self._joined:  # only now: one that never polls would keep its share from the others
                self._group.join(self)
                self._joined = True
            share = self._group.share(self)
            gone = [p for p in self.held if p not in share]
        if gone:
            if self._on_revoke:
                self._on_revoke(gone)
            with self._shelf.locked():
                for partition in gone:
                    del self.held[partition]
            self._shelf.tell()
        new = self._take_over()
        if new and self._on_assign:
            self._on_assign(new)

    def _take_over(self) -> list[Partition]:
        assert self._group is not None
        with self._shelf.locked():
            new = [p for p in self._group.share(self) if p not in self.held]
            for partition in new:
                at = self._shelf.committed(self._name, partition)
                self.held[partition] = self._shelf.start(partition) if at is None else at
        return new

    def _take(self, limit: int) -> Iterator[Batch]:
        """Each partition in turn comes first, so that a long one does not keep the others waiting."""
        held = list(self.held)
        self._turn += 1
        for step in range(len(held)):
            partition = held[(self._turn + step) % len(held)]
            position, start = self.held[partition], self._shelf.start(partition)
            if position < start:
                raise lost(partition, position, start)
            batch = self._shelf.read(partition, position, limit) if limit > 0 else None
            if batch:
                self.held[partition] = batch.offsets[-1] + 1
                limit -= len(batch)
                yield batch


def lost(partition: Partition, position: int, start: int) -> OffsetOutOfRange:
    """The error for a position that retention has overtaken."""
    return OffsetOutOfRange(
        f"{partition.topic}[{partition.number}]: position {position} is no longer in the log, which begins at {start}: "
        f"what lay between was deleted before it was taken"
    )
