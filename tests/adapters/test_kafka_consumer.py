"""A consumer of Kafka that is dead says so, instead of being silent for ever."""

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
def test_a_consumer_with_a_fatal_error_is_given_up_at_the_next_poll(code: int, marked: bool) -> None:
    reader = consumer()
    assert reader.poll(1, 0) == []
    reader._on_error(KafkaError(code, "fenced by another with the same name", fatal=marked))
    with pytest.raises(ConsumerFailed, match="fenced by another with the same name"):
        reader.poll(1, 0)
    reader.close()


class Told:
    """A client that tells of being shut out once, in one of two ways, and then nothing for ever."""

    def __init__(self, way: str) -> None:
        self._way = way
        self._error = KafkaError(KafkaError.FENCED_INSTANCE_ID, "shut out")

    def subscribe(self, *_: object, **__: object) -> None:
        """It does."""

    def consume(self, *_: object) -> list[object]:
        if self._way == "raised":
            self._way = "silent"
            raise KafkaException(self._error)
        return []

    def commit(self, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition]:
        self._way = "silent"
        raise KafkaException(self._error)

    def close(self) -> None:
        """At once."""


@pytest.mark.parametrize("way", ["raised", "at a commit"])
def test_once_shut_out_it_says_so_at_every_poll_however_it_was_told(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ward.adapters.kafka.consumer.Consumer", lambda _: Told(way))
    reader = consumer()
    reader.held = {Partition("ward.readings", 0): 0}
    with pytest.raises(ConsumerFailed, match="shut out"):
        reader.commit({Partition("ward.readings", 0): 1}) if way == "at a commit" else reader.poll(1, 0)
    for _ in range(3):
        with pytest.raises(ConsumerFailed, match="shut out"):
            reader.poll(1, 0)
    reader.close()


def test_an_error_that_passes_is_no_reason_to_give_up() -> None:
    reader = consumer()
    reader._on_error(KafkaError(KafkaError._ALL_BROKERS_DOWN, "all brokers are down"))
    assert reader.poll(1, 0) == []
    reader.close()
