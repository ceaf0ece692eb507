"""The log: topics cut into partitions, each an ordered, durable sequence. Programs meet here only."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

MOST_BYTES = 900_000  # of one value: what every log takes, Kafka's default limit with room for its headers


class Partition(NamedTuple):
    """One ordered sequence of a topic. All records of a key are in the same one."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive records of one partition, as columns: `offsets[i]`, `keys[i]` and `values[i]` are one record.

    Offsets rise, but need not be without holes (a compacted topic has some).
    """

    partition: Partition
    offsets: Sequence[int]
    keys: Sequence[str]
    values: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.values)


class Receipt(Protocol):
    """What a sender holds until its records are durable."""

    def settled(self, wait: float) -> bool:
        """True once *every* record is durable, waiting at most `wait` seconds for it.

        Waiting longer never sends twice: ask again. Raises `LogUnavailable` when the log has given
        a record up for good; then all of them must be sent again, and some may stand twice.
        """
        ...


class Consumer(Protocol):
    """A reader with a position in each partition it holds. Not to be shared between threads."""

    def poll(self, limit: int, wait: float) -> list[Batch]:
        """At most `limit` records, waiting at most `wait` seconds for the first; in order in each partition.

        Partitions may come and go inside this call: `on_assign` runs before the first record of a
        new one, `on_revoke` while the old ones may still be committed. While the log is away there
        is nothing to take, and `Log.problem` says so.
        Raises `OffsetOutOfRange` when a position is no longer in the log, `LogUnavailable` when it cannot be read.
        """
        ...

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Make positions durable: for each partition the offset to go on from after a restart.

        Partitions that are not held any more are left to whoever holds them; a reader of its own
        commits nothing. Raises `LogUnavailable`: what was not committed comes again.
        """
        ...

    def lag(self) -> dict[Partition, int]:
        """For each partition held, how many records are in the log beyond the position."""
        ...

    def close(self) -> None:
        """Leave. What was not committed comes again."""
        ...


Partitions = Sequence[Partition]


class Log(Protocol):
    """Durable, partitioned, replayable.

    *Durable* means: a settled record survives the death of this process and of the log's own. The
    order of one key's records is the order in which they were sent.
    """

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> Receipt:
        """Append (key, value) records. Blocks while the log's own queue is full; drops nothing.

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
        """A member of a group, from its first `poll` on.

        Each partition is held by one member; its position is the last committed, or the beginning
        where none was.
        """
        ...

    def follow(self, topics: Sequence[str], tail: int | None = None) -> Consumer:
        """A reader of its own of all partitions: from the beginning, or from `tail` records before each end."""
        ...

    def scan(self, partition: Partition, start: int | None = None) -> Iterator[Batch]:
        """Everything from `start`, or the beginning, up to the end as it is now.

        Raises `OffsetOutOfRange` when `start` is no longer in the log.
        """
        ...

    def partitions(self, topic: str) -> list[Partition]:
        """The partitions of a topic."""
        ...

    def partition(self, topic: str, key: str) -> Partition:
        """Where the records of a key are."""
        ...

    def committed(self, group: str, partition: Partition) -> int | None:
        """The offset from which a group goes on after a restart: everything before it is done. None: nothing yet.

        Raises `LogUnavailable` when the log does not tell.
        """
        ...

    def problem(self) -> str:
        """What is wrong with the log now, in words; empty when nothing is known to be."""
        ...

    def close(self) -> None:
        """Let go of the engine. Records that were not settled may be lost."""
        ...
