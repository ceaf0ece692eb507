"""Reads findings and actions from the log, each once, from the positions in the alerts' store."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from ward.action import Action
from ward.errors import ConsumerFailed, LogUnavailable, OffsetOutOfRange, WireError
from ward.finding import Finding
from ward.ids import printable
from ward.metrics import Metrics
from ward.ports import Batch, Consumer, Log, Partition
from ward.topics import ACTIONS, FINDINGS
from ward.wire import ACTION_WIRE, FINDING_WIRE, QUARANTINED_WIRE, QuarantinedMessage

log = logging.getLogger(__name__)

TOPICS = (FINDINGS, ACTIONS)


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A finding or an action from the log, or why the record is neither; `value` is the record."""

    partition: Partition
    value: bytes
    message: Finding | Action | WireError

    @property
    def at(self) -> int:
        """When it was received, for sorting events of several partitions."""
        return self.message.received_at if isinstance(self.message, Finding) else getattr(self.message, "at", 0)


class LogReader:
    """Reads without a consumer group: the positions in the store count, which belong to what is in the store.

    So at the start everything from the store's positions to the end of the log is read, sorted by time, and after that
    what comes.

    A position that is not in the log belongs to another one, or to one that lost its end: then that partition is read
    from its beginning, which changes nothing that is known, and `replaced` says so.
    """

    def __init__(self, log_: Log, positions: dict[Partition, int]) -> None:
        self._log = log_
        self._next = dict(positions)
        self.replaced = ""
        self._consumer: Consumer | None = None

    def catch_up(self) -> list[LogEvent]:
        """Everything after the positions, of all partitions sorted by time. Raises `LogUnavailable`."""
        before = dict(self._next)
        try:
            events = [event for topic in TOPICS for p in self._log.partitions(topic) for event in self._rest(p)]
        except LogUnavailable:
            self._next = before
            raise
        return sorted(events, key=lambda event: event.at)

    def poll(self, limit: int, wait: float) -> list[LogEvent]:
        """What is new, waiting at most `wait` seconds for the first event. Raises `LogUnavailable`."""
        if self._consumer is None:
            known = {partition: position for partition, position in self._next.items() if position}
            self._consumer = self._log.follow(TOPICS, start=known)
        try:
            batches = self._consumer.poll(limit, wait)
        except ConsumerFailed:  # known alerts are still handled without the log, but this consumer returns nothing more
            self._consumer.close()
            self._consumer = None
            raise
        return [event for batch in batches for event in self._events(batch)]

    @property
    def positions(self) -> dict[Partition, int]:
        """The offset to read next in each partition, after everything that was read so far."""
        return self._next

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close()

    def _rest(self, partition: Partition) -> Iterator[LogEvent]:
        for batch in self._scan(partition):
            yield from self._events(batch)
        self._next.setdefault(partition, 0)

    def _scan(self, partition: Partition) -> Iterator[Batch]:
        position = self._next.get(partition)
        try:
            return self._log.scan(partition, position)
        except OffsetOutOfRange as error:
            if position:  # 0 is where a partition without records begins, whatever offset its first record has
                self.replaced = str(error)
                log.error("the log is read from its beginning: %s", error)
            self._next[partition] = 0
            return self._log.scan(partition)

    def _events(self, batch: Batch) -> Iterator[LogEvent]:
        start = self._next.get(batch.partition, 0)
        wire = FINDING_WIRE if batch.partition.topic == FINDINGS else ACTION_WIRE
        new = [value for offset, value in zip(batch.offsets, batch.values, strict=True) if offset >= start]
        self._next[batch.partition] = max(start, batch.offsets[-1] + 1)
        for value, message in zip(new, wire.decode_many(new), strict=True):
            yield LogEvent(batch.partition, value, message)


def quarantine(event: LogEvent, reason: str, detail: str, now: int, metrics: Metrics) -> bytes:
    """The record for the quarantine of an event that could not be used; counts and logs it."""
    topic = event.partition.topic
    metrics.messages_quarantined.labels("alerts", reason).inc()
    log.warning("%s: a record was quarantined, %s: %s", topic, reason, printable(detail))
    record = QuarantinedMessage(topic=topic, payload=event.value, reason=reason, detail=detail, at=now, stage="alerts")
    return QUARANTINED_WIRE.encode(record)
