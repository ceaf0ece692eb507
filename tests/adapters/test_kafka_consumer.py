"""A consumer of Kafka that is dead says so, instead of being silent for ever."""

import pytest
from confluent_kafka import KafkaError

from ward.adapters.kafka.kafka_consumer import KafkaConsumer
from ward.adapters.kafka.kafka_voice import KafkaVoice
from ward.clock import ManualClock
from ward.errors import LogUnavailable

NOWHERE = {"bootstrap.servers": "127.0.0.1:1", "group.id": "g"}


def consumer() -> KafkaConsumer:
    return KafkaConsumer(NOWHERE, "", KafkaVoice(ManualClock()), ["ward.readings"])


@pytest.mark.parametrize(("code", "marked"), [(KafkaError.FENCED_INSTANCE_ID, True), (KafkaError._FATAL, False)])
def test_a_consumer_with_a_fatal_error_is_given_up_at_the_next_poll(code: int, marked: bool) -> None:
    reader = consumer()
    assert reader.poll(1, 0) == []
    reader._hear(KafkaError(code, "fenced by another with the same name", fatal=marked))
    with pytest.raises(LogUnavailable, match="fenced by another with the same name"):
        reader.poll(1, 0)
    reader.close()


def test_an_error_that_passes_is_no_reason_to_give_up() -> None:
    reader = consumer()
    reader._hear(KafkaError(KafkaError._ALL_BROKERS_DOWN, "all brokers are down"))
    assert reader.poll(1, 0) == []
    reader.close()
