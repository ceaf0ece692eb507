"""The log in memory: for tests, which need no durability. It keeps every other promise."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ward.adapters.local import Groups, Layout, Listener, LocalConsumer
from ward.ports.log import Batch, Partition


class Settled:
    """A receipt for what was durable when `send` returned."""

    def settled(self, wait: float) -> bool:
        return True


class MemoryLog:
    """Topics as lists."""

    def __init__(self, partitions: int = 4) -> None:
        self._layout = Layout(partitions)
        self._groups = Groups()
        self._records: dict[Partition, list[tuple[str, bytes]]] = {}
        self._committed: dict[tuple[str, Partition], int] = {}
        self.changed = threading.Condition(threading.RLock())
        self.partitions = self._layout.partitions
        self.partition = self._layout.partition

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> Settled:
        with self.changed:
            for key, value in records:
                self._records.setdefault(self.partition(topic, key), []).append((key, value))
            self.changed.notify_all()
        return Settled()

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Listener = None, on_revoke: Listener = None
    ) -> LocalConsumer:
        member = LocalConsumer(self, group, on_assign, on_revoke)
        with self.changed:
            self._groups.join(group, topics, member, self._layout.all(topics))
        return member

    def follow(self, topics: Sequence[str], tail: int | None = None) -> LocalConsumer:
        reader = LocalConsumer(self)
        with self.changed:
            for partition in self._layout.all(topics):
                reader.held[partition] = 0 if tail is None else max(0, self.end(partition) - tail)
        return reader

    def scan(self, partition: Partition, start: int | None = None) -> Iterator[Batch]:
        with self.changed:
            batch = self.read(partition, start or 0, self.end(partition))
        if batch:
            yield batch

    def end(self, partition: Partition) -> int:
        return len(self._records.get(partition, ()))

    def read(self, partition: Partition, start: int, limit: int) -> Batch:
        records = self._records.get(partition, [])[start : start + limit]
        return Batch(partition, range(start, start + len(records)), [k for k, _ in records], [v for _, v in records])

    def committed(self, group: str, partition: Partition) -> int:
        return self._committed.get((group, partition), 0)

    def commit(self, group: str, positions: Mapping[Partition, int]) -> None:
        self._committed.update({(group, p): offset for p, offset in positions.items()})

    def close(self) -> None:
        """Nothing to let go of."""
