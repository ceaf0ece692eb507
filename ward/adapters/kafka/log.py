"""The log on Apache Kafka, by confluent-kafka.

No request is made before the first call of a method, so that a program starts while Kafka is away: its parts raise
`LogUnavailable` and are started again until Kafka answers.
"""

import itertools
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from ward.adapters.kafka.client_logging import ClientLogging
from ward.adapters.kafka.consumer import KafkaConsumer, Listener
from ward.adapters.kafka.ownership import Answered, KafkaOwnership
from ward.adapters.kafka.receipt import KafkaReceipt
from ward.adapters.kafka.settings import KafkaSettings
from ward.adapters.kafka.topics import make_topic, make_topics
from ward.adapters.kafka.transactions import KafkaTransactions
from ward.adapters.local_consumer import lost
from ward.adapters.partitioning import Partitioning, check_size
from ward.clock import Clock, SystemClock
from ward.errors import LogUnavailable
from ward.ports.log import Batch, OnRevoke, Partition
from ward.topics import OWNERSHIP

log = logging.getLogger(__name__)

_CHUNK = 5000
_POLL_SLICE = 0.05
_CLOSE_WITHIN = 3.0
_MOST_IDLE_POLLS = 20
# Seconds, the shortest that a broker allows by default: what has several places moves one without harm.
_PLACES_SESSION = 6.0


class KafkaLog:
    """Port `Log` on Kafka: one producer for all threads, one client for each consumer."""

    def __init__(self, settings: KafkaSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._client_logging = ClientLogging(self._clock)
        self._lock = threading.Lock()
        self._serving = threading.Lock()
        self._producer: Producer | None = None
        self._known: Partitioning | None = None
        self._members: dict[str, set[int]] = {}
        self._scanners: list[KafkaConsumer] = []
        self._offset_readers: dict[str, KafkaConsumer] = {}
        self._partitioned_keys: dict[tuple[str, str], tuple[bytes, int]] = {}
        self._closed = False

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> KafkaReceipt:
        place = partial(self._message, topic, self._partitioning().count(topic))
        messages = [place(key, value) for key, value in records]
        receipt = KafkaReceipt(self, len(messages))
        # One send at a time, so that records are in the log in the order in which a thread sends them.
        with self._lock:
            producer = self._producer = self._producer or self._make_producer()
            for first in range(0, len(messages), _CHUNK):
                self._enqueue(producer, self._settings.prefix + topic, messages[first : first + _CHUNK], receipt)
        return receipt

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Listener = None, on_revoke: Listener = None
    ) -> KafkaConsumer:
        self._partitioning()
        member = self._take_member_number(group)
        return KafkaConsumer(
            self._settings.member(group, member), self._settings.prefix, self._client_logging, topics,
            on_assign, on_revoke,
            lambda: self._members[group].discard(member),
        )  # fmt: skip

    def transactions(self, name: str) -> KafkaTransactions:
        settings = {
            **self._settings.transactional_producer(name), "error_cb": self._client_logging.error,
            "logger": self._client_logging,
        }  # fmt: skip
        return KafkaTransactions(settings, self._settings.prefix, self._partitioning().partition)

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> KafkaOwnership:
        self._partitioning()
        topic, count, session = OWNERSHIP, 1, self._settings.session
        if places is not None:
            topic, session = f"{OWNERSHIP}-{name}", min(session, _PLACES_SESSION)
            count = make_topic(self._settings, self._client_logging, topic, places)
        settings = self._settings.anonymous_member(name, session)

        def revoked(partitions: Sequence[Partition]) -> None:
            if on_revoke is not None:
                on_revoke({partition.number for partition in partitions})

        def join(on_commit: Answered) -> KafkaConsumer:
            return KafkaConsumer(
                {**settings, "on_commit": on_commit}, self._settings.prefix, self._client_logging, (topic,),
                on_revoke=revoked, revokes_lost=False,
            )  # fmt: skip

        return KafkaOwnership(join, self._clock, session, topic, count)

    def follow(
        self, topics: Sequence[str], tail: int | None = None, start: Mapping[Partition, int] | None = None
    ) -> KafkaConsumer:
        partitions = self._partitioning().all(topics)
        reader = self._reader()
        positions = dict(start or {})
        for partition in partitions:
            if partition not in positions:
                low, high = reader.ends(partition)
                positions[partition] = low if tail is None else max(low, high - tail)
        reader.assign(positions)
        return reader

    def scan(self, partition: Partition, start: int | None = None, tail: int | None = None) -> Iterator[Batch]:
        self._partitioning()
        with self._lock:
            reader = self._scanners.pop() if self._scanners else None
        reader = reader or self._reader()
        low, high = reader.ends(partition)
        low = low if tail is None else max(low, high - tail)
        if start is not None and not low <= start <= high:
            self._keep(reader)
            raise lost(partition, start, low, high)
        return self._scan(reader, partition, low if start is None else start, high)

    def partitions(self, topic: str) -> list[Partition]:
        return self._partitioning().partitions(topic)

    def partition(self, topic: str, key: str) -> Partition:
        return self._partitioning().partition(topic, key)

    def committed(self, group: str, partition: Partition) -> int | None:
        self._partitioning()
        with self._lock:
            found = self._offset_readers.get(group)
            if found is None:
                settings = self._settings.offset_reader(group)
                found = self._offset_readers[group] = KafkaConsumer(
                    settings, self._settings.prefix, self._client_logging
                )
        return found.committed(partition)

    def problem(self) -> str:
        """The last error of librdkafka, unless the broker answers now."""
        producer = self._producer
        if self._client_logging.problem and producer is not None:
            try:
                producer.list_topics(timeout=0.5)
                self._client_logging.recovered()
            except KafkaException:
                pass
        return self._client_logging.problem

    def loss(self) -> str:
        return ""  # Kafka's own monitoring has its disks

    def close(self) -> None:
        self._closed = True
        with self._lock:
            scanners, self._scanners = [*self._scanners, *self._offset_readers.values()], []
            producer, self._producer = self._producer, None
        for scanner in scanners:
            scanner.close()
        if producer is not None and (left := producer.flush(_CLOSE_WITHIN)):
            log.warning("%d records were not delivered to Kafka and were not acknowledged", left)
            producer.purge()

    def serve(self, receipt: KafkaReceipt, wait: float) -> None:
        until = self._clock.monotonic() + wait
        while receipt.left and (producer := self._producer) is not None:
            left = until - self._clock.monotonic()
            # One thread at a time serves all delivery reports, in short slices, so that no thread waits long.
            if self._serving.acquire(timeout=max(0.0, min(left, _POLL_SLICE))):
                try:
                    producer.poll(max(0.0, min(left, _POLL_SLICE)) if receipt.left else 0)
                finally:
                    self._serving.release()
            if left <= 0:
                return
        if not receipt.left:
            self._client_logging.recovered()

    def failed(self, error: KafkaError) -> None:
        """After a fatal error a producer accepts no records: the next `send` makes a new one."""
        self._client_logging.error(error)
        if error.fatal() or error.code() == KafkaError._FATAL:
            self._producer = None

    def _take_member_number(self, group: str) -> int:
        """The lowest member number that is free in a group of this process: a restarted member gets its old name."""
        with self._lock:
            taken = self._members.setdefault(group, set())
            member = next(number for number in itertools.count() if number not in taken)
            taken.add(member)
            return member

    def _message(self, topic: str, count: int, key: str, value: bytes) -> dict[str, Any]:
        check_size(topic, value)
        found = self._partitioned_keys.get((topic, key))
        if found is None:
            if len(self._partitioned_keys) > 200_000:
                self._partitioned_keys.clear()
            found = self._partitioned_keys[topic, key] = key.encode(), self._partitioning().partition(topic, key).number
        return {"key": found[0], "value": value, "partition": found[1]}

    def _enqueue(self, producer: Producer, name: str, messages: list[dict[str, Any]], receipt: KafkaReceipt) -> None:
        """Enqueue all messages in order, also while the queue is full. Raises `LogUnavailable`."""
        while messages:
            if self._closed:
                raise LogUnavailable("the log is closed")
            try:
                producer.produce_batch(name, messages, on_delivery=receipt.report)
                # librdkafka marks messages that did not fit; these follow those that did.
                messages = [self._retry(message) for message in messages if "_error" in message]
            except BufferError:
                pass
            except KafkaException as error:
                self.failed(error.args[0])
                raise LogUnavailable(f"Kafka accepts no records: {error.args[0].str()}") from error
            with self._serving:
                producer.poll(_POLL_SLICE if messages else 0)

    def _retry(self, message: dict[str, Any]) -> dict[str, Any]:
        error = message.pop("_error")
        if error.code() != KafkaError._QUEUE_FULL:
            self.failed(error)
            raise LogUnavailable(f"Kafka accepts no records: {error.str()}")
        return message

    def _scan(self, reader: KafkaConsumer, partition: Partition, position: int, end: int) -> Iterator[Batch]:
        reader.assign({partition: position})
        idle = 0
        try:
            # Records of a transaction that is open now, and all after them, cannot be read yet.
            while reader.held[partition] < end and partition not in reader.at_end:
                found = reader.poll(_CHUNK, 0.5)
                idle = 0 if found else idle + 1
                if idle > _MOST_IDLE_POLLS:
                    raise LogUnavailable(f"Kafka returns no more records of {partition.topic}")
                yield from _before(end, found)
        finally:
            reader.assign({})
            self._keep(reader)

    def _keep(self, reader: KafkaConsumer) -> None:
        """Store a client for the next scan, since each has threads and connections."""
        with self._lock:
            if not self._closed:
                self._scanners.append(reader)
                return
        reader.close()

    def _reader(self) -> KafkaConsumer:
        return KafkaConsumer(self._settings.reader(), self._settings.prefix, self._client_logging)

    def _make_producer(self) -> Producer:
        if self._closed:
            raise LogUnavailable("the log is closed")
        return Producer(
            {**self._settings.producer(), "error_cb": self._client_logging.error, "logger": self._client_logging}
        )

    def _partitioning(self) -> Partitioning:
        if self._known is None:
            known = make_topics(self._settings, self._client_logging)
            with self._lock:
                self._known = known
        return self._known


def _before(end: int, found: Sequence[Batch]) -> Iterator[Batch]:
    """Batches up to `end`, the end at the time when the scan began."""
    for batch in found:
        if batch.offsets[-1] < end:
            yield batch
        elif keep := sum(offset < end for offset in batch.offsets):
            yield Batch(batch.partition, batch.offsets[:keep], batch.keys[:keep], batch.values[:keep])
