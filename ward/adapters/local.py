"""What the logs inside this process (memory, SQLite) have in common: groups, members, positions."""

import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from ward.ports.log import Batch, Partition, Partitions
from ward.topics import SINGLE

Listener = Callable[[Partitions], None] | None


class Shelf(Protocol):
    """Where records lie. Every method is called with `changed` held."""

    changed: threading.Condition

    def end(self, partition: Partition) -> int: ...

    def read(self, partition: Partition, start: int, limit: int) -> Batch: ...

    def committed(self, group: str, partition: Partition) -> int: ...

    def commit(self, group: str, positions: Mapping[Partition, int]) -> None: ...


class Layout:
    """Which partitions a topic has, and which one a key is in."""

    def __init__(self, partitions: int) -> None:
        self._count = partitions

    def partitions(self, topic: str) -> list[Partition]:
        return [Partition(topic, i) for i in range(1 if topic in SINGLE else self._count)]

    def partition(self, topic: str, key: str) -> Partition:
        """CRC-32, as librdkafka's own default does it, so that all adapters agree."""
        count = 1 if topic in SINGLE else self._count
        return Partition(topic, zlib.crc32(key.encode()) % count)

    def all(self, topics: Sequence[str]) -> list[Partition]:
        return [p for topic in topics for p in self.partitions(topic)]


class Groups:
    """The members of each group, in order of arrival: the n-th takes every n-th partition."""

    def __init__(self) -> None:
        self._members: dict[tuple[str, tuple[str, ...]], list[LocalConsumer]] = {}

    def join(self, group: str, topics: Sequence[str], member: "LocalConsumer", all_: list[Partition]) -> None:
        members = self._members.setdefault((group, tuple(topics)), [])
        members.append(member)
        member.leave = lambda: members.remove(member)

        def share() -> list[Partition]:
            held = {p for other in members if other is not member for p in other.held}
            return [p for p in all_[members.index(member) :: len(members)] if p not in held]

        member.share = share


class LocalConsumer:
    """A reader of a shelf. At each poll it looks for a change of its share, and gives up before others take."""

    def __init__(self, shelf: Shelf, group: str = "", on_assign: Listener = None, on_revoke: Listener = None) -> None:
        self._shelf = shelf
        self._group = group
        self._on_assign = on_assign
        self._on_revoke = on_revoke
        self.held: dict[Partition, int] = {}
        self.share: Callable[[], list[Partition]] = lambda: list(self.held)
        self.leave: Callable[[], None] = lambda: None

    def poll(self, limit: int, wait: float) -> list[Batch]:
        with self._shelf.changed:
            self._rebalance()
            found = list(self._take(limit))
            if not found and wait > 0:
                self._shelf.changed.wait(wait)
                self._rebalance()
                found = list(self._take(limit))
            return found

    def commit(self, positions: Mapping[Partition, int]) -> None:
        with self._shelf.changed:
            self._shelf.commit(self._group, {p: o for p, o in positions.items() if p in self.held})

    def lag(self) -> dict[Partition, int]:
        with self._shelf.changed:
            return {p: self._shelf.end(p) - position for p, position in self.held.items()}

    def close(self) -> None:
        with self._shelf.changed:
            self.held.clear()
            self.leave()
            self._shelf.changed.notify_all()

    def _rebalance(self) -> None:
        share = set(self.share())
        gone = [p for p in self.held if p not in share]
        if gone and self._on_revoke:
            self._on_revoke(gone)
        for partition in gone:
            del self.held[partition]
        new = sorted(share - self.held.keys())
        for partition in new:
            self.held[partition] = self._shelf.committed(self._group, partition)
        if new and self._on_assign:
            self._on_assign(new)

    def _take(self, limit: int) -> Iterator[Batch]:
        for partition, position in self.held.items():
            batch = self._shelf.read(partition, position, limit) if limit > 0 else None
            if batch:
                self.held[partition] = batch.offsets[-1] + 1
                limit -= len(batch)
                yield batch
