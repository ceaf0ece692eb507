"""The log on Apache Kafka, by confluent-kafka.

Nothing here asks Kafka anything until it is first needed, so a program starts while Kafka is away:
its parts fail with `LogUnavailable` and are started again until it is there.
"""

import itertools
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from ward.adapters.kafka.client_logging import ClientLogging
from ward.adapters.kafka.consumer import KafkaConsumer, Listener
from ward.adapters.kafka.receipt import KafkaReceipt
from ward.adapters.kafka.settings import KafkaSettings
from ward.adapters.kafka.topics import make_topics
from ward.adapters.local_consumer import lost
from ward.adapters.partitioning import Partitioning, check_size
from ward.clock import Clock, SystemClock
from ward.errors import LogUnavailable
from ward.ports.log import Batch, Partition

log = logging.getLogger(__name__)

_CHUNK = 5000
_SLICE = 0.05
_FAREWELL = 3.0
_STALLED = 20


class KafkaLog:
    """One producer for all threads; a client of its own for each reader."""

    def __init__(self, settings: KafkaSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._voice = ClientLogging(self._clock)
        self._lock = threading.Lock()
        self._serving = threading.Lock()
        self._producer: Producer | None = None
        self._known: Partitioning | None = None
        self._seats: dict[str, set[int]] = {}
        self._scanners: list[KafkaConsumer] = []
        self._onlookers: dict[str, KafkaConsumer] = {}
        self._places: dict[tuple[str, str], tuple[bytes, int]] = {}
        self._closed = False

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> KafkaReceipt:
        place = partial(self._place, topic, self._layout().count(topic))
        messages = [place(key, value) for key, value in records]
        receipt = KafkaReceipt(self, len(messages))
        # Whole sends, one after the other: so one thread's order is the log's order.
        with self._lock:
            producer = self._producer = self._producer or self._make_producer()
            for first in range(0, len(messages), _CHUNK):
                self._hand_over(producer, self._settings.prefix + topic, messages[first : first + _CHUNK], receipt)
        return receipt

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Listener = None, on_revoke: Listener = None
    ) -> KafkaConsumer:
        self._layout()
        seat = self._take_seat(group)
        return KafkaConsumer(
            self._settings.member(group, seat), self._settings.prefix, self._voice, topics, on_assign, on_revoke,
            lambda: self._seats[group].discard(seat),
        )  # fmt: skip

    def follow(self, topics: Sequence[str], tail: int | None = None) -> KafkaConsumer:
        partitions = self._layout().all(topics)
        reader = self._reader()
        positions = {}
        for partition in partitions:
            low, high = reader.ends(partition)
            positions[partition] = low if tail is None else max(low, high - tail)
        reader.hold(positions)
        return reader

    def scan(self, partition: Partition, start: int | None = None) -> Iterator[Batch]:
        self._layout()
        with self._lock:
            reader = self._scanners.pop() if self._scanners else None
        reader = reader or self._reader()
        low, high = reader.ends(partition)
        if start is not None and start < low:
            self._keep(reader)
            raise lost(partition, start, low)
        return self._scan(reader, partition, low if start is None else start, high)

    def partitions(self, topic: str) -> list[Partition]:
        return self._layout().partitions(topic)

    def partition(self, topic: str, key: str) -> Partition:
        return self._layout().partition(topic, key)

    def committed(self, group: str, partition: Partition) -> int | None:
        self._layout()
        with self._lock:
            found = self._onlookers.get(group)
            if found is None:
                settings = self._settings.onlooker(group)
                found = self._onlookers[group] = KafkaConsumer(settings, self._settings.prefix, self._voice)
        return found.committed(partition)

    def problem(self) -> str:
        """The last thing librdkafka complained of, unless the broker answers now."""
        producer = self._producer
        if self._voice.problem and producer is not None:
            try:
                producer.list_topics(timeout=0.5)
                self._voice.works()
            except KafkaException:
                pass
        return self._voice.problem

    def close(self) -> None:
        self._closed = True
        with self._lock:
            scanners, self._scanners = [*self._scanners, *self._onlookers.values()], []
            producer, self._producer = self._producer, None
        for scanner in scanners:
            scanner.close()
        if producer is not None and (left := producer.flush(_FAREWELL)):
            log.warning("%d records were not delivered to Kafka: their senders have no receipt for them", left)
            producer.purge()

    def serve(self, receipt: KafkaReceipt, wait: float) -> None:
        until = self._clock.monotonic() + wait
        while receipt.left and (producer := self._producer) is not None:
            left = until - self._clock.monotonic()
            # One thread serves everybody's reports, in slices, so that nobody waits for another's.
            if self._serving.acquire(timeout=max(0.0, min(left, _SLICE))):
                try:
                    producer.poll(max(0.0, min(left, _SLICE)) if receipt.left else 0)
                finally:
                    self._serving.release()
            if left <= 0:
                return
        if not receipt.left:
            self._voice.works()

    def failed(self, error: KafkaError) -> None:
        """After a fatal error a producer takes nothing any more: the next send makes another."""
        self._voice.error(error)
        if error.fatal() or error.code() == KafkaError._FATAL:
            self._producer = None

    def _take_seat(self, group: str) -> int:
        """The lowest number nobody in this process has in a group: who follows on a dead member takes its name."""
        with self._lock:
            taken = self._seats.setdefault(group, set())
            seat = next(number for number in itertools.count() if number not in taken)
            taken.add(seat)
            return seat

    def _place(self, topic: str, count: int, key: str, value: bytes) -> dict[str, Any]:
        check_size(topic, value)
        found = self._places.get((topic, key))
        if found is None:
            if len(self._places) > 200_000:
                self._places.clear()
            found = self._places[topic, key] = key.encode(), self._layout().partition(topic, key).number
        return {"key": found[0], "value": value, "partition": found[1]}

    def _hand_over(self, producer: Producer, name: str, messages: list[dict[str, Any]], receipt: KafkaReceipt) -> None:
        """Queue all of them, in order, however long the queue stays full."""
        while messages:
            if self._closed:
                raise LogUnavailable("the log is closed")
            try:
                producer.produce_batch(name, messages, on_delivery=receipt.report)
                # What did not fit is marked by librdkafka, and all of it is behind what did.
                messages = [self._again(message) for message in messages if "_error" in message]
            except BufferError:
                pass
            except KafkaException as error:
                self.failed(error.args[0])
                raise LogUnavailable(f"Kafka takes nothing: {error.args[0].str()}") from error
            with self._serving:
                producer.poll(_SLICE if messages else 0)

    def _again(self, message: dict[str, Any]) -> dict[str, Any]:
        error = message.pop("_error")
        if error.code() != KafkaError._QUEUE_FULL:
            self.failed(error)
            raise LogUnavailable(f"Kafka takes nothing: {error.str()}")
        return message

    def _scan(self, reader: KafkaConsumer, partition: Partition, position: int, end: int) -> Iterator[Batch]:
        reader.hold({partition: position})
        idle = 0
        try:
            while reader.held[partition] < end:
                found = reader.poll(_CHUNK, 0.5)
                idle = 0 if found else idle + 1
                if idle > _STALLED:
                    raise LogUnavailable(f"Kafka has stopped telling what is in {partition.topic}")
                yield from _before(end, found)
        finally:
            reader.hold({})
            self._keep(reader)

    def _keep(self, reader: KafkaConsumer) -> None:
        """A client costs threads and connections: the next scan takes this one."""
        with self._lock:
            if not self._closed:
                self._scanners.append(reader)
                return
        reader.close()

    def _reader(self) -> KafkaConsumer:
        return KafkaConsumer(self._settings.reader(), self._settings.prefix, self._voice)

    def _make_producer(self) -> Producer:
        if self._closed:
            raise LogUnavailable("the log is closed")
        return Producer({**self._settings.producer(), "error_cb": self._voice.error, "logger": self._voice})

    def _layout(self) -> Partitioning:
        if self._known is None:
            known = make_topics(self._settings, self._voice)
            with self._lock:
                self._known = known
        return self._known


def _before(end: int, found: Sequence[Batch]) -> Iterator[Batch]:
    """Batches cut off at `end`, which was the end when the scan began."""
    for batch in found:
        if batch.offsets[-1] < end:
            yield batch
        elif keep := sum(offset < end for offset in batch.offsets):
            yield Batch(batch.partition, batch.offsets[:keep], batch.keys[:keep], batch.values[:keep])
