"""All records of a topic, for tests that look at what came into a log."""

from typing import TypeVar

import msgspec

from ward.ports import Log
from ward.wire import Wire

M = TypeVar("M", bound=msgspec.Struct)


def log_records(log: Log, topic: str) -> list[tuple[str, bytes]]:
    """Key and value of each record, partition after partition, the oldest first in each."""
    batches = [batch for partition in log.partitions(topic) for batch in log.scan(partition)]
    return [record for batch in batches for record in zip(batch.keys, batch.values, strict=True)]


def log_keys(log: Log, topic: str) -> list[str]:
    """The key of each record."""
    return [key for key, _ in log_records(log, topic)]


def log_values(log: Log, topic: str) -> list[bytes]:
    """The value of each record."""
    return [value for _, value in log_records(log, topic)]


def log_messages(log: Log, topic: str, wire: Wire[M]) -> list[M]:
    """Each record decoded. Raises `WireError` for one that `wire` cannot decode."""
    return [wire.decode(value) for value in log_values(log, topic)]
