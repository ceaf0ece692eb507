"""The log in memory, for tests and simulated time: all guarantees of the port but durability."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from ward.adapters.local_consumer import Listener, LocalConsumer, lost
from ward.adapters.local_consumer_group import LocalConsumerGroup
from ward.adapters.local_ownership import LocalOwnership
from ward.adapters.partitioning import Partitioning, check_size
from ward.errors import ProducerFenced
from ward.ports.log import Addressed, Batch, OnRevoke, Partition


class DurableReceipt:
    """A receipt of records that are durable already."""

    def acked(self, wait: float) -> bool:
        return True


class MemoryTransactions:
    """Port `TransactionalProducer`; `log.producers` has the newest of each name."""

    def __init__(self, log: "MemoryLog", name: str) -> None:
        self._log = log
        self._name = name
        log.producers[name] = self

    def send(self, records: Sequence[Addressed]) -> DurableReceipt:
        with self._log.locked():
            if self._log.producers[self._name] is not self:
                raise ProducerFenced(f"another producer named {self._name} is in force")
            return self._log.send_together(records)

    def close(self) -> None:
        """Nothing to release."""


class _PartitionRecords:
    """The records of one partition; the first has offset `start`."""

    def __init__(self) -> None:
        self.start = 0
        self.records: list[tuple[str, bytes]] = []

    @property
    def end(self) -> int:
        return self.start + len(self.records)

    def trim(self, upto: int) -> None:
        if upto > self.start:
            del self.records[: upto - self.start]
            self.start = upto


class MemoryLog:
    """Port `Log` as lists. With `most`, a partition keeps about so many of its newest records."""

    def __init__(self, partitions: int = 4, most: int | None = None) -> None:
        self._layout = Partitioning(partitions)
        self._most = most
        self._groups: dict[tuple[str, tuple[str, ...]], LocalConsumerGroup] = {}
        self._by_partition: dict[Partition, _PartitionRecords] = {}
        self.producers: dict[str, MemoryTransactions] = {}
        self._committed: dict[tuple[str, Partition], int] = {}
        self._changed = threading.Condition(threading.RLock())
        self.partitions = self._layout.partitions
        self.partition = self._layout.partition

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> DurableReceipt:
        taken = list(records)
        for _, value in taken:
            check_size(topic, value)
        with self._changed:
            for key, value in taken:
                stored = self._by_partition.setdefault(self.partition(topic, key), _PartitionRecords())
                stored.records.append((key, value))
                # Not at each record: a trim moves all records that stay.
                if self._most is not None and len(stored.records) >= 2 * self._most:
                    stored.trim(stored.end - self._most)
            self._changed.notify_all()
        return DurableReceipt()

    def send_together(self, records: Sequence[Addressed]) -> DurableReceipt:
        """Append records of several topics at once."""
        with self._changed:
            for topic, found in groupby(records, key=lambda record: record.topic):
                self.send(topic, [(key, value) for _, key, value in found])
        return DurableReceipt()

    def transactions(self, name: str) -> MemoryTransactions:
        return MemoryTransactions(self, name)

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> LocalOwnership:
        return LocalOwnership(
            self._layout, name, places, on_revoke,
            lambda topic, listener: self.consumer((topic,), name, on_revoke=listener),
        )  # fmt: skip

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Listener = None, on_revoke: Listener = None
    ) -> LocalConsumer:
        with self._changed:
            shared = self._groups.setdefault((group, tuple(topics)), LocalConsumerGroup(self._layout.all(topics)))
        return LocalConsumer(self, group, shared, on_assign, on_revoke)

    def follow(
        self, topics: Sequence[str], tail: int | None = None, start: Mapping[Partition, int] | None = None
    ) -> LocalConsumer:
        reader = LocalConsumer(self)
        with self._changed:
            for partition in self._layout.all(topics):
                low, end = self.start(partition), self.end(partition)
                reader.held[partition] = low if tail is None else max(low, end - tail)
        reader.held.update(start or {})
        return reader

    def scan(self, partition: Partition, start: int | None = None, tail: int | None = None) -> Iterator[Batch]:
        with self._changed:
            end = self.end(partition)
            first = self.start(partition) if tail is None else max(self.start(partition), end - tail)
            if start is not None and not first <= start <= end:
                raise lost(partition, start, first, end)
            batch = self.read(partition, first if start is None else start, end)
        return iter([batch] if batch else [])

    def trim(self, partition: Partition, upto: int) -> None:
        """Delete the records before an offset, as retention does."""
        with self._changed:
            self._by_partition.setdefault(partition, _PartitionRecords()).trim(min(upto, self.end(partition)))

    def problem(self) -> str:
        return ""

    def loss(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing to release."""

    def locked(self) -> threading.Condition:
        return self._changed

    def start(self, partition: Partition) -> int:
        stored = self._by_partition.get(partition)
        return stored.start if stored else 0

    def end(self, partition: Partition) -> int:
        stored = self._by_partition.get(partition)
        return stored.end if stored else 0

    def read(self, partition: Partition, start: int, limit: int) -> Batch:
        stored = self._by_partition.get(partition)
        if stored is None or start >= stored.end:
            return Batch(partition, (), (), ())
        with self._changed:
            records = stored.records[start - stored.start : start - stored.start + limit]
        return Batch(partition, range(start, start + len(records)), [k for k, _ in records], [v for _, v in records])

    def committed(self, group: str, partition: Partition) -> int | None:
        return self._committed.get((group, partition))

    def commit(self, group: str, positions: Mapping[Partition, int]) -> None:
        with self._changed:
            self._committed.update({(group, p): offset for p, offset in positions.items()})

    def notify_readers(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait_for_records(self, ready: Callable[[], bool], wait: float) -> None:
        with self._changed:
            self._changed.wait_for(ready, wait)
