"""A Kafka consumer: a member of a group, or one without a group, with explicit positions."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from ward.adapters.kafka.batches import batches, split_errors
from ward.adapters.kafka.client_logging import ClientLogging
from ward.errors import ConsumerFailed, LogUnavailable, OffsetOutOfRange
from ward.ports.log import Batch, Partition, Partitions

log = logging.getLogger(__name__)

Listener = Callable[[Partitions], None] | None
TIMEOUT = 10.0
CLOSE_WITHIN = 5.0
_ATTEMPTS = 200
_OUT_OF_RANGE = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}
_LEADERLESS = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_PARTITION,
}


class KafkaConsumer:
    """Port `Consumer` on Kafka; librdkafka fetches ahead in its own threads.

    With `revokes_lost`, `on_revoke` is called for partitions that other members may have already, too.
    """

    def __init__(
        self, settings: Mapping[str, Any], prefix: str, client_logging: ClientLogging, topics: Sequence[str] = (),
        on_assign: Listener = None, on_revoke: Listener = None, leave: Callable[[], None] | None = None,
        *, revokes_lost: bool = True,
    ) -> None:  # fmt: skip
        self._fatal = ""
        self._leave = leave
        self._client = Consumer({**settings, "error_cb": self._on_error, "logger": client_logging})
        self._prefix = prefix
        self._client_logging = client_logging
        self._to_join = [prefix + topic for topic in topics]
        self._on_assign = on_assign
        self._on_revoke = on_revoke
        self._revokes_lost = revokes_lost
        self._commits = bool(topics)
        self._closed = False
        self.held: dict[Partition, int] = {}
        # Partitions of which everything that may be read now was read (with `enable.partition.eof`).
        self.at_end: set[Partition] = set()

    def assign(self, positions: Mapping[Partition, int]) -> None:
        """Read from these positions, without a group."""
        self.held = dict(positions)
        self.at_end.clear()
        self._client.assign([self._theirs(p, offset) for p, offset in positions.items()])

    def ends(self, partition: Partition) -> tuple[int, int]:
        """(first offset, next offset) of a partition, from the broker. Raises `LogUnavailable`."""
        for _ in range(_ATTEMPTS):
            try:
                found = self._client.get_watermark_offsets(self._theirs(partition), timeout=TIMEOUT)
            except KafkaException as error:
                if error.args[0].code() not in _LEADERLESS:
                    raise self._failed(error) from error
                time.sleep(0.1)  # a new topic, or a new leader is being elected
            else:
                if found is not None:
                    return int(found[0]), int(found[1])
        raise LogUnavailable(f"Kafka does not return the offsets of {partition.topic}[{partition.number}]")

    def committed(self, partition: Partition) -> int | None:
        """The committed offset of the group; this consumer need not be a member."""
        try:
            (found,) = self._client.committed([self._theirs(partition)], timeout=TIMEOUT)
        except KafkaException as error:
            raise self._failed(error) from error
        return found.offset if found.offset >= 0 else None

    def poll(self, limit: int, wait: float) -> list[Batch]:
        if self._to_join:  # only now: a member that never polls would block its partitions
            self._client.subscribe(self._to_join, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)
            self._to_join = []
        if self._fatal:
            raise self._consumer_failed()
        try:
            taken = self._client.consume(limit, 0)
            if not taken and (taken := self._client.consume(1, wait)):
                taken += self._client.consume(limit - 1, 0) if limit > 1 else []
        except KafkaException as error:
            raise self._failed(error) from error
        return self._sorted(taken) if taken else []

    def commit(self, positions: Mapping[Partition, int]) -> None:
        held = [self._theirs(p, offset) for p, offset in positions.items() if p in self.held]
        if not (held and self._commits):
            return
        try:
            faults = [p.error for p in self._client.commit(offsets=held, asynchronous=False) or () if p.error]
        except KafkaException as error:
            raise self._failed(error) from error
        if faults:
            raise self._failed(KafkaException(faults[0]))

    def commit_later(self, positions: Mapping[Partition, int]) -> None:
        """Commit without waiting; the answer goes to the setting `on_commit`. Raises `LogUnavailable`."""
        try:
            self._client.commit(offsets=[self._theirs(p, offset) for p, offset in positions.items()], asynchronous=True)
        except KafkaException as error:
            raise self._failed(error) from error

    def lag(self) -> dict[Partition, int]:
        return {p: max(0, self._high(p) - position) for p, position in self.held.items()}

    def close(self) -> None:
        """Leave the group within `CLOSE_WITHIN` seconds.

        librdkafka may wait for ever for a broker that failed during a rebalance. Such a client is abandoned: the next
        member has its name, and Kafka fences the old one.
        """
        if self._closed:
            return
        self._closed = True
        self.held.clear()
        if self._leave is not None:
            self._leave()
        closing = threading.Thread(target=self._close, name="kafka-close", daemon=True)
        closing.start()
        closing.join(CLOSE_WITHIN)
        if closing.is_alive():
            log.error("a consumer of Kafka does not close; it is abandoned")

    def _close(self) -> None:
        with contextlib.suppress(KafkaException, RuntimeError):
            self._client.close()

    def _on_error(self, error: KafkaError) -> None:
        """librdkafka reports a fatal error only once; later calls return nothing and no error. So it is stored, and
        `poll` raises it.

        It occurs when Kafka fails while a static member joins again: then two members have one name.
        """
        if _is_fatal(error):
            self._fatal = error.str()
        self._client_logging.error(error)

    def _failed(self, error: KafkaException) -> LogUnavailable:
        """The error to raise; a fatal one is stored."""
        cause = error.args[0]
        if isinstance(cause, KafkaError) and _is_fatal(cause):
            self._fatal = cause.str()
            return self._consumer_failed()
        return LogUnavailable(f"Kafka: {cause.str() if isinstance(cause, KafkaError) else cause}")

    def _consumer_failed(self) -> ConsumerFailed:
        return ConsumerFailed(f"Kafka: {self._fatal}; another consumer takes this one's place")

    def _sorted(self, messages: Sequence[Message]) -> list[Batch]:
        records, errors = split_errors(messages)
        self.at_end.clear()
        for message, error in errors:
            self._take_error(message, error)
        found = []
        for batch in batches(records, self._ours):
            # A call may return records of a partition that was revoked during it.
            if batch.partition in self.held:
                self.held[batch.partition] = max(self.held[batch.partition], batch.offsets[-1] + 1)
                found.append(batch)
        self._client_logging.recovered()
        return found

    def _take_error(self, message: Message, error: KafkaError) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            partition = Partition(self._ours(message.topic() or ""), message.partition() or 0)
            if partition in self.held:
                self.held[partition] = max(self.held[partition], message.offset() or 0)
                self.at_end.add(partition)
            return
        if error.code() in _OUT_OF_RANGE:
            partition = Partition(self._ours(message.topic() or ""), message.partition() or 0)
            raise OffsetOutOfRange(
                f"{partition.topic}[{partition.number}]: position {self.held.get(partition)} is no longer in the log: "
                f"{error.str()}"
            )
        if _is_fatal(error):
            self._fatal = error.str()
            raise self._consumer_failed()
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise LogUnavailable(f"Kafka: {error.str()}")
        self._client_logging.error(error)

    def _assigned(self, client: Consumer, partitions: list[TopicPartition]) -> None:
        """Calls `incremental_assign` on every path: with an open rebalance the client cannot even be closed."""
        if self._closed:  # closing: other members get them
            client.incremental_assign(partitions)
            return
        try:
            found = self._positions(client, partitions)
        except BaseException:
            client.incremental_assign(partitions)
            raise
        positions = {self._partition(place): start for place, start in found}
        self.held.update(positions)
        client.incremental_assign([place for place, _ in found])
        if self._on_assign and positions:
            self._on_assign(sorted(positions))

    def _positions(self, client: Consumer, partitions: list[TopicPartition]) -> list[tuple[TopicPartition, int]]:
        """For each partition: (the place to continue from, its offset)."""
        try:
            stored = client.committed(partitions, timeout=TIMEOUT)
        except KafkaException as error:
            raise self._failed(error) from error
        found = []
        for place in stored:
            start = place.offset
            if start < 0:
                # Never committed: OFFSET_BEGINNING is also right when retention deletes records meanwhile.
                start = self.ends(self._partition(place))[0]
                place.offset = OFFSET_BEGINNING
            found.append((place, start))
        return found

    def _revoked(self, client: Consumer, partitions: list[TopicPartition], *, calls: bool = True) -> None:
        revoked = [self._partition(found) for found in partitions]
        try:
            if calls and self._on_revoke and revoked and not self._closed:
                self._on_revoke(revoked)
        finally:
            for partition in revoked:
                self.held.pop(partition, None)
            client.incremental_unassign(partitions)

    def _lost(self, client: Consumer, partitions: list[TopicPartition]) -> None:
        """Other members may hold them already: it is too late to commit."""
        for found in partitions:
            self.held.pop(self._partition(found), None)
        log.warning(
            "Kafka has assigned %d of our partitions to other members: this process was too slow or not connected",
            len(partitions),
        )
        self._revoked(client, partitions, calls=self._revokes_lost)

    def _high(self, partition: Partition) -> int:
        # The cached watermark comes with each fetch, without a request.
        found = self._client.get_watermark_offsets(self._theirs(partition), cached=True)
        return int(found[1]) if found else 0

    def _ours(self, topic: str) -> str:
        return topic[len(self._prefix) :]

    def _partition(self, theirs: TopicPartition) -> Partition:
        return Partition(self._ours(theirs.topic), theirs.partition)

    def _theirs(self, partition: Partition, offset: int = OFFSET_INVALID) -> TopicPartition:
        return TopicPartition(self._prefix + partition.topic, partition.number, offset)


def _is_fatal(error: KafkaError) -> bool:
    """As an event a fatal error has another code and is not marked as fatal, and so is FENCED_INSTANCE_ID."""
    return bool(error.fatal() or error.code() in (KafkaError._FATAL, KafkaError.FENCED_INSTANCE_ID))
