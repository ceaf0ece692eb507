"""The port of the log: topics of partitions, each an ordered, durable sequence. Programs communicate only by it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple, Protocol

MOST_BYTES = 900_000  # of one value: the limit of all logs, Kafka's default less its headers


class Partition(NamedTuple):
    """One ordered sequence of a topic. All records of a key are in the same one."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive records of one partition, as columns: `offsets[i]`, `keys[i]` and `values[i]` are one record.

    Offsets rise, with gaps in a compacted topic.
    """

    partition: Partition
    offsets: Sequence[int]
    keys: Sequence[str]
    values: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.values)


class Addressed(NamedTuple):
    """A record with the topic it is for."""

    topic: str
    key: str
    value: bytes


class Receipt(Protocol):
    """Shows whether the records of one `send` are durable."""

    def acked(self, wait: float) -> bool:
        """Whether *all* records are durable, waiting at most `wait` seconds for it. It may be called again.

        Raises `LogUnavailable` when the log has given up a record for good: then all must be sent again, and some
        may be in the log twice.
        """
        ...


class Consumer(Protocol):
    """A consumer with a position in each partition that is assigned to it. For one thread only."""

    def poll(self, limit: int, wait: float) -> list[Batch]:
        """At most `limit` records, waiting at most `wait` seconds for the first; in order in each partition.

        Partitions are assigned and revoked inside this call: `on_assign` runs before the first record of a new one,
        `on_revoke` while the old ones may still be committed. While the log does not answer the list is empty, and
        `Log.problem` says so.
        Raises `OffsetOutOfRange` when a position is no longer in the log, `LogUnavailable` when it cannot be read.
        """
        ...

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Make positions durable: for each partition the offset to continue from after a restart.

        Partitions that are not assigned any more are ignored; a consumer without a group commits nothing. Raises
        `LogUnavailable`: records that were not committed are polled again.
        """
        ...

    def lag(self) -> dict[Partition, int]:
        """For each assigned partition, how many records are in the log beyond the position."""
        ...

    def close(self) -> None:
        """Leave the group. Records that were not committed are polled again."""
        ...


class TransactionalProducer(Protocol):
    """Sends records of several topics together: all of them become readable, or none. For one thread only.

    Of those with one name the newest is in force: an older one, as that of a process which was frozen, is *fenced*.
    """

    def send(self, records: Sequence[Addressed]) -> Receipt:
        """Send them as one transaction, after the receipt of the one before is acknowledged.

        The receipt raises `LogUnavailable` when none of them is in the log, so that all must be sent again, and
        `ProducerFenced` when a newer producer has taken over; so does this call.
        """
        ...

    def close(self) -> None:
        """What is not acknowledged does not become readable."""
        ...


class Ownership(Protocol):
    """The right to do something that only one process may do at a time. The log gives it to one of those that ask.

    It is a number of places, each of which one process holds, and which the log shares evenly among those that ask: one
    place for work that cannot be divided. A place goes to another process when this one ends, or hangs for longer than
    the log waits.
    """

    @property
    def places(self) -> int:
        """How many places there are; they are numbered from 0."""
        ...

    @property
    def held(self) -> Set[int]:
        """The places that the log has given to this process, as far as is known. Any thread may ask."""
        ...

    @property
    def certain_until(self) -> float:
        """The monotonic instant up to which no other process can have one of `held`. Any thread may ask."""
        ...

    def poll(self, wait: float) -> None:
        """Ask the log, waiting at most `wait` seconds: call it at least once a second. Raises `LogUnavailable`."""
        ...

    def close(self) -> None:
        """Give all places up at once."""
        ...


Partitions = Sequence[Partition]
OnRevoke = Callable[[Set[int]], None]


class Log(Protocol):
    """Durable, partitioned, replayable.

    *Durable* means: an acknowledged record survives a crash of this process and of the log's own. The records of one
    key are in the order in which they were sent.
    """

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> Receipt:
        """Append (key, value) records. Blocks while the log's queue is full; drops nothing.

        Raises `ValueError` for a value of more than `MOST_BYTES`, and then sends none of them.
        """
        ...

    def consumer(
        self,
        topics: Sequence[str],
        group: str,
        on_assign: Callable[[Partitions], None] | None = None,
        on_revoke: Callable[[Partitions], None] | None = None,
    ) -> Consumer:
        """A member of a consumer group, from its first `poll` on.

        Each partition is assigned to one member; its position is the last committed one, or the beginning without one.
        """
        ...

    def transactions(self, name: str) -> TransactionalProducer:
        """A new transactional producer; earlier ones of this name are fenced when this returns.

        Raises `LogUnavailable`.
        """
        ...

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> Ownership:
        """Ask for the right of this name; nothing is held before the first `poll`.

        Without `places` it is one place. With it the log remembers how many there are: another number later changes
        nothing, so that all processes agree. `on_revoke` is called with places that another process is to have, and has
        after that; it is not called for places that were lost. Raises `LogUnavailable`.
        """
        ...

    def follow(
        self, topics: Sequence[str], tail: int | None = None, start: Mapping[Partition, int] | None = None
    ) -> Consumer:
        """A consumer of all partitions without a group, from the beginning or from `tail` records before each end.

        `start` has the offset of the first record to read, for some or all of the partitions.
        """
        ...

    def scan(self, partition: Partition, start: int | None = None, tail: int | None = None) -> Iterator[Batch]:
        """All records from `start`, from `tail` records before the present end, or from the beginning, up to that end.

        Raises `OffsetOutOfRange` when `start` is no longer in the log, or beyond its end.
        """
        ...

    def partitions(self, topic: str) -> list[Partition]:
        """The partitions of a topic."""
        ...

    def partition(self, topic: str, key: str) -> Partition:
        """The partition of a key."""
        ...

    def committed(self, group: str, partition: Partition) -> int | None:
        """The offset from which a group continues after a restart; None when it has committed none.

        Raises `LogUnavailable` when the log does not answer.
        """
        ...

    def problem(self) -> str:
        """What is wrong with the log now, for people; empty when nothing is known."""
        ...

    def loss(self) -> str:
        """What a person must know of records that were lost with a file, while the log works; empty when nothing is."""
        ...

    def close(self) -> None:
        """Close all connections. Records that are not acknowledged may be lost."""
        ...
