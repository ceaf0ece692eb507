"""A Kafka consumer with a fatal error raises it at each poll."""

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from ward.adapters.kafka.client_logging import ClientLogging
from ward.adapters.kafka.consumer import KafkaConsumer
from ward.clock import ManualClock
from ward.errors import ConsumerFailed
from ward.ports.log import Partition

NOWHERE = {"bootstrap.servers": "127.0.0.1:1", "group.id": "g"}


def consumer() -> KafkaConsumer:
    return KafkaConsumer(NOWHERE, "", ClientLogging(ManualClock()), ["ward.readings"])


@pytest.mark.parametrize(("code", "marked"), [(KafkaError.FENCED_INSTANCE_ID, True), (KafkaError._FATAL, False)])
def test_after_a_fatal_error_the_next_poll_raises(code: int, marked: bool) -> None:
    reader = consumer()
    assert reader.poll(1, 0) == []
    reader._on_error(KafkaError(code, "fenced by another with the same name", fatal=marked))
    with pytest.raises(ConsumerFailed, match="fenced by another with the same name"):
        reader.poll(1, 0)
    reader.close()


class FencedClient:
    """A client that reports once that it is fenced, in one of two ways, and then returns nothing for ever."""

    def __init__(self, how: str) -> None:
        self._how = how
        self._error = KafkaError(KafkaError.FENCED_INSTANCE_ID, "shut out")

    def subscribe(self, *_: object, **__: object) -> None:
        """It does."""

    def consume(self, *_: object) -> list[object]:
        if self._how == "raised":
            self._how = "silent"
            raise KafkaException(self._error)
        return []

    def commit(self, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition]:
        self._how = "silent"
        raise KafkaException(self._error)

    def close(self) -> None:
        """At once."""


@pytest.mark.parametrize("how", ["raised", "at a commit"])
def test_a_fenced_consumer_raises_at_every_poll(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ward.adapters.kafka.consumer.Consumer", lambda _: FencedClient(how))
    reader = consumer()
    reader.held = {Partition("ward.readings", 0): 0}
    with pytest.raises(ConsumerFailed, match="shut out"):
        reader.commit({Partition("ward.readings", 0): 1}) if how == "at a commit" else reader.poll(1, 0)
    for _ in range(3):
        with pytest.raises(ConsumerFailed, match="shut out"):
            reader.poll(1, 0)
    reader.close()


def test_a_temporary_error_raises_nothing() -> None:
    reader = consumer()
    reader._on_error(KafkaError(KafkaError._ALL_BROKERS_DOWN, "all brokers are down"))
    assert reader.poll(1, 0) == []
    reader.close()
