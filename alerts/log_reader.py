"""Reads findings and actions from the log, each once, from the positions that the book knows."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from ward.action import Action
from ward.errors import LogUnavailable, ReaderGone, WireError
from ward.finding import Finding
from ward.ids import printable
from ward.lag import set_lags
from ward.metrics import Metrics
from ward.ports import Batch, Log, Partition
from ward.topics import ACTIONS, FINDINGS
from ward.wire import ACTION, FINDING, QUARANTINED, Quarantined

log = logging.getLogger(__name__)

GROUP = "alerts"
TOPICS = (FINDINGS, ACTIONS)
Message = Finding | Action


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of the log, or what was wrong with it."""

    partition: Partition
    value: bytes
    message: Message | WireError

    @property
    def at(self) -> int:
        """When it came about, for putting entries of several partitions in order."""
        return self.message.seen if isinstance(self.message, Finding) else getattr(self.message, "at", 0)


class LogReader:
    """A member of the group `alerts`, whose own positions count more than those of the group.

    The group's positions may be behind the book's, after a crash, or before it, when the book is
    older than it should be. So everything from the book's positions to the end of the log is read
    first, in order of time, and what the group then gives again is skipped.
    """

    def __init__(self, log_: Log, positions: dict[Partition, int], metrics: Metrics) -> None:
        self._log = log_
        self._metrics = metrics
        self._next = dict(positions)
        self._consumer = log_.consumer(TOPICS, GROUP)

    def missed(self) -> list[Entry]:
        """What the log has beyond the positions, of all partitions in order of time. Raises `LogUnavailable`."""
        before = dict(self._next)
        try:
            found = [entry for topic in TOPICS for p in self._log.partitions(topic) for entry in self._rest(p)]
        except LogUnavailable:
            self._next = before
            raise
        return sorted(found, key=lambda entry: entry.at)

    def poll(self, limit: int, wait: float) -> list[Entry]:
        """What has come since, waiting at most `wait` seconds for the first. Raises `LogUnavailable`."""
        try:
            batches = self._consumer.poll(limit, wait)
        except ReaderGone:  # whoever goes on with what is known must not go on with this one, too: it is deaf
            self._consumer.close()
            self._consumer = self._log.consumer(TOPICS, GROUP)
            raise
        return [entry for batch in batches for entry in self._entries(batch)]

    @property
    def positions(self) -> dict[Partition, int]:
        """Where to go on from once everything read so far is in the book."""
        return self._next

    def commit(self, positions: dict[Partition, int]) -> None:
        self._consumer.commit(positions)

    def watch_lag(self) -> None:
        """Publish how much is not read yet."""
        set_lags(self._metrics, GROUP, TOPICS, self._consumer.lag())

    def close(self) -> None:
        self._consumer.close()

    def _rest(self, partition: Partition) -> Iterator[Entry]:
        for batch in self._log.scan(partition, self._next.get(partition)):
            yield from self._entries(batch)
        self._next.setdefault(partition, 0)

    def _entries(self, batch: Batch) -> Iterator[Entry]:
        start = self._next.get(batch.partition, 0)
        wire = FINDING if batch.partition.topic == FINDINGS else ACTION
        fresh = [value for offset, value in zip(batch.offsets, batch.values, strict=True) if offset >= start]
        self._next[batch.partition] = max(start, batch.offsets[-1] + 1)
        for value, message in zip(fresh, wire.decode_many(fresh), strict=True):
            yield Entry(batch.partition, value, message)


def refused(entry: Entry, reason: str, detail: str, now: int, metrics: Metrics) -> bytes:
    """A message that could not be used, for the quarantine; counted and logged."""
    metrics.quarantined.labels("alerts", reason).inc()
    log.warning("%s: a message was set aside, %s: %s", entry.partition.topic, reason, printable(detail))
    topic = entry.partition.topic
    record = Quarantined(topic=topic, payload=entry.value, reason=reason, detail=detail, at=now, stage="alerts")
    return QUARANTINED.encode(record)
