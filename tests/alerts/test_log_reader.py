"""A consumer that failed for good is replaced, and alerts go on meanwhile."""

from collections.abc import Mapping, Sequence

import pytest

from alerts.log_reader import LogReader
from ward.adapters.memory.log import MemoryLog
from ward.errors import ConsumerFailed, LogUnavailable
from ward.ports import Batch, Consumer, Partition
from ward.topics import FINDINGS


class FailedConsumer:
    """A consumer that will never give anything again."""

    def __init__(self) -> None:
        self.closed = False

    def poll(self, limit: int, wait: float) -> list[Batch]:
        raise ConsumerFailed("shut out")

    def close(self) -> None:
        self.closed = True


class Shutting(MemoryLog):
    """A log whose first consumer is shut out."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[FailedConsumer] = []

    def follow(  # type: ignore[override]
        self, topics: Sequence[str], tail: int | None = None, start: Mapping[Partition, int] | None = None
    ) -> Consumer:
        if not self.failed:
            self.failed.append(FailedConsumer())
            return self.failed[0]  # type: ignore[return-value]
        return super().follow(topics, tail, start)


def test_a_consumer_that_failed_is_replaced_and_nothing_is_missed() -> None:
    log = Shutting()
    reader = LogReader(log, {})
    log.send(FINDINGS, [("k", b"no finding, but a record")])
    with pytest.raises(LogUnavailable, match="shut out"):
        reader.poll(10, 0)
    assert log.failed[0].closed
    assert [entry.value for entry in reader.poll(10, 0)] == [b"no finding, but a record"]
