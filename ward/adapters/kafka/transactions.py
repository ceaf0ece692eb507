"""A transactional producer: records of several topics are readable together, and an older producer is fenced."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from ward.adapters.partitioning import check_size
from ward.errors import LogUnavailable, ProducerFenced
from ward.ports.log import Addressed, Partition
from ward.topics import COMPACTED

_TIMEOUT = 10.0
_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}


class KafkaTransactions:
    """Port `TransactionalProducer`, and the receipt of the one transaction that is open.

    Raises `LogUnavailable` when Kafka does not answer, and whoever opened it tries again later.
    """

    def __init__(
        self, settings: Mapping[str, Any], prefix: str, partition: Callable[[str, str], Partition]
    ) -> None:  # fmt: skip
        self._prefix = prefix
        self._partition = partition
        self._producer = Producer(dict(settings))
        self._open = False
        self._aborting = False
        self._call(self._producer.init_transactions, _TIMEOUT)

    def send(self, records: Sequence[Addressed]) -> "KafkaTransactions":
        if self._aborting:
            self._abort(_TIMEOUT)
        self._call(self._producer.begin_transaction)
        self._open = True
        for topic, key, value in records:
            check_size(topic, value)
            number = self._partition(topic, key).number
            # In a compacted topic an empty value deletes what is there under the key.
            body = None if not value and topic in COMPACTED else value
            self._produce(self._prefix + topic, key, body, number)
        return self

    def acked(self, wait: float) -> bool:
        """Commit the open transaction; without an answer in time the next call goes on with that."""
        if self._aborting:
            raise LogUnavailable("Kafka: the transaction was given up")
        if not self._open:
            return True
        try:
            self._producer.commit_transaction(wait)
        except KafkaException as error:
            cause = error.args[0]
            if cause.retriable():
                return False
            self._open, self._aborting = False, cause.txn_requires_abort()
            raise _error(cause) from error
        self._open = False
        return True

    def close(self) -> None:
        if self._open:
            self._open, self._aborting = False, True
        self._producer.purge()

    def _produce(self, topic: str, key: str, value: bytes | None, partition: int) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key.encode(), partition)
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                self._open, self._aborting = False, True
                raise _error(error.args[0]) from error
            else:
                return

    def _abort(self, wait: float) -> None:
        self._call(self._producer.abort_transaction, wait)
        self._aborting = False

    def _call(self, do: Callable[..., None], *arguments: float) -> None:
        try:
            do(*arguments)
        except KafkaException as error:
            raise _error(error.args[0]) from error


def _error(cause: KafkaError) -> LogUnavailable | ProducerFenced:
    if cause.code() in _FENCED:
        return ProducerFenced(f"Kafka: {cause.str()}")
    if cause.fatal():  # it sends nothing any more: whoever has the right makes another one
        return ProducerFenced(f"Kafka accepts no more transactions of this producer: {cause.str()}")
    return LogUnavailable(f"Kafka: {cause.str()}")
