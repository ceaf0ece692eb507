"""The consumer of a log inside this process (memory, SQLite)."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from ward.adapters.local_consumer_group import LocalConsumerGroup
from ward.errors import OffsetOutOfRange
from ward.ports.log import Batch, Partition, Partitions

Listener = Callable[[Partitions], None] | None


class LocalLog(Protocol):
    """The log that a `LocalConsumer` reads. Any thread may call its methods."""

    def locked(self) -> threading.Condition:
        """The lock for the ends, the members and the partitions they hold."""
        ...

    def start(self, partition: Partition) -> int:
        """The offset of the first record."""
        ...

    def end(self, partition: Partition) -> int:
        """The offset of the next record that will be sent."""
        ...

    def read(self, partition: Partition, start: int, limit: int) -> Batch:
        """At most `limit` records from the offset `start` on."""
        ...

    def committed(self, group: str, partition: Partition) -> int | None:
        """The committed offset of a group; None without one."""
        ...

    def commit(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Store the offsets of a group. Raises `LogUnavailable`."""
        ...

    def notify_readers(self) -> None:
        """Wake up all consumers that wait for records."""
        ...

    def wait_for_records(self, ready: Callable[[], bool], wait: float) -> None:
        """Return when `ready()` is true, or after `wait` seconds."""
        ...


class LocalConsumer:
    """A member of a group, or a consumer without a group. Callbacks run without a lock."""

    def __init__(
        self, log: LocalLog, name: str = "", group: LocalConsumerGroup | None = None,
        on_assign: Listener = None, on_revoke: Listener = None,
    ) -> None:  # fmt: skip
        self._log = log
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
            self._log.wait_for_records(self._has_records, wait)
            self._rebalance()
            found = list(self._take(limit))
        return found

    def commit(self, positions: Mapping[Partition, int]) -> None:
        held = {p: offset for p, offset in positions.items() if p in self.held}
        if self._group is not None and held:
            self._log.commit(self._name, held)

    def lag(self) -> dict[Partition, int]:
        return {p: self._log.end(p) - position for p, position in self.held.items()}

    def close(self) -> None:
        with self._log.locked():
            self.held.clear()
            if self._group is not None:
                self._group.leave(self)
        self._log.notify_readers()

    def _has_records(self) -> bool:
        if self._group is not None and set(self._group.assignment(self)) != self.held.keys():
            return True
        return any(self._log.end(p) > position for p, position in self.held.items())

    def _rebalance(self) -> None:
        """Release partitions that are not assigned to this consumer any more, then take those that are and are free."""
        if self._group is None:
            return
        with self._log.locked():
            if not self._joined:  # only now: a member that never polls would block its partitions
                self._group.join(self)
                self._joined = True
            assigned = self._group.assignment(self)
            revoked = [p for p in self.held if p not in assigned]
        if revoked:
            if self._on_revoke:
                self._on_revoke(revoked)
            with self._log.locked():
                for partition in revoked:
                    del self.held[partition]
            self._log.notify_readers()
        new = self._take_over()
        if new and self._on_assign:
            self._on_assign(new)

    def _take_over(self) -> list[Partition]:
        assert self._group is not None
        with self._log.locked():
            new = [p for p in self._group.assignment(self) if p not in self.held]
            for partition in new:
                at = self._log.committed(self._name, partition)
                self.held[partition] = self._log.start(partition) if at is None else at
        return new

    def _take(self, limit: int) -> Iterator[Batch]:
        """Each call begins with the next partition, so that one with many records does not block the others."""
        held = list(self.held)
        self._turn += 1
        for step in range(len(held)):
            partition = held[(self._turn + step) % len(held)]
            position, start = self.held[partition], self._log.start(partition)
            if position < start:
                raise lost(partition, position, start, self._log.end(partition))
            batch = self._log.read(partition, position, limit) if limit > 0 else None
            if batch:
                self.held[partition] = batch.offsets[-1] + 1
                limit -= len(batch)
                yield batch


def lost(partition: Partition, position: int, start: int, end: int) -> OffsetOutOfRange:
    """The error for a position whose records retention has deleted, or that another log has not reached."""
    where = f"{partition.topic}[{partition.number}]: position {position} is not in the log, which "
    if position > end:
        return OffsetOutOfRange(f"{where}ends at {end}: it is an older copy, or another log")
    return OffsetOutOfRange(f"{where}begins at {start}: the records between were deleted before they were read")
