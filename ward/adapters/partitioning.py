"""The partitions of topics and keys, the same in all logs."""

import zlib
from collections.abc import Mapping, Sequence

from ward.ports.log import MOST_BYTES, Partition
from ward.topics import SINGLE


def slot(key: str, count: int) -> int:
    """The number of a key's partition: CRC-32, as librdkafka's default partitioner."""
    return zlib.crc32(key.encode()) % count


def check_size(topic: str, value: bytes) -> None:
    """Raises `ValueError` for a value that is too large for a log."""
    if len(value) > MOST_BYTES:
        raise ValueError(f"a record for {topic} has {len(value)} bytes; a log takes at most {MOST_BYTES}")


class Partitioning:
    """Partitions by topic: one for topics whose order matters across keys, else `count`."""

    def __init__(self, count: int, known: Mapping[str, int] | None = None) -> None:
        self._count = count
        self._known = dict(known or {})

    def count(self, topic: str) -> int:
        """How many partitions a topic has."""
        return self._known.get(topic) or (1 if topic in SINGLE else self._count)

    def add(self, topic: str, count: int) -> None:
        """Add a topic with so many partitions, if it is not known."""
        self._known.setdefault(topic, count)

    def partitions(self, topic: str) -> list[Partition]:
        """All partitions of a topic."""
        return [Partition(topic, i) for i in range(self.count(topic))]

    def partition(self, topic: str, key: str) -> Partition:
        """The partition of a key."""
        return Partition(topic, slot(key, self.count(topic)))

    def all(self, topics: Sequence[str]) -> list[Partition]:
        """All partitions of several topics."""
        return [p for topic in topics for p in self.partitions(topic)]
