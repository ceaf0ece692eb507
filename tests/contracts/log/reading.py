"""Reading until what is wanted has come, without a clock: each poll waits by itself."""

from collections.abc import Sequence

from ward.ports import Batch, Consumer, Log, Partition

PATIENCE = 150  # polls of a fifth of a second


def values(batches: Sequence[Batch]) -> list[bytes]:
    return [value for batch in batches for value in batch.values]


def take(consumer: Consumer, count: int, limit: int = 1000) -> list[Batch]:
    """Batches with `count` records in all. Fails when fewer come."""
    found: list[Batch] = []
    for _ in range(PATIENCE):
        if sum(map(len, found)) >= count:
            break
        found += consumer.poll(limit, 0.2)
    assert sum(map(len, found)) == count, f"{sum(map(len, found))} records came, not {count}"
    return found


def positions(batches: Sequence[Batch]) -> dict[Partition, int]:
    """Where to go on after these."""
    return {batch.partition: batch.offsets[-1] + 1 for batch in batches}


def send(log: Log, topic: str, *records: tuple[str, bytes]) -> None:
    """Send, and wait until the records are durable."""
    receipt = log.send(topic, records)
    assert receipt.acked(30)
