"""Messages of librdkafka as columns, with as little Python code for each record as possible."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from confluent_kafka import KafkaError, Message

from ward.ports.log import Batch, Partition

# The stubs allow None, for errors; records always have these.
_topic: Callable[[Message], str] = Message.topic  # type: ignore[assignment]
_number: Callable[[Message], int] = Message.partition  # type: ignore[assignment]
_offset: Callable[[Message], int] = Message.offset  # type: ignore[assignment]
# Nearly all records have both; `_keys` and `_values` handle the others.
_key: Callable[[Message], bytes] = Message.key  # type: ignore[assignment]
_value: Callable[[Message], bytes] = Message.value  # type: ignore[assignment]


def batches(messages: Sequence[Message], known: Callable[[str], str]) -> Iterator[Batch]:
    """Consecutive records of one partition. `known` maps Kafka's name of a topic to ours."""
    for topic, of_topic in groupby(messages, key=_topic):
        for number, of_partition in groupby(of_topic, key=_number):
            run = list(of_partition)
            yield Batch(Partition(known(topic), number), _offsets(run), _keys(run), _values(run))


def _offsets(run: Sequence[Message]) -> Sequence[int]:
    """Offsets rise: where the last one is as far from the first as their number says, none is missing between them."""
    offsets = range(_offset(run[0]), _offset(run[-1]) + 1)
    return offsets if len(offsets) == len(run) else list(map(_offset, run))


def _keys(run: Sequence[Message]) -> list[str]:
    try:
        return list(map(bytes.decode, map(_key, run)))
    except TypeError:  # a record without a key
        return [key.decode() if key else "" for key in map(Message.key, run)]


def _values(run: Sequence[Message]) -> list[bytes]:
    values = list(map(_value, run))
    return [value or b"" for value in values] if None in values else values


def split_errors(messages: Sequence[Message]) -> tuple[Sequence[Message], list[tuple[Message, KafkaError]]]:
    """Records, and the errors that were between them."""
    if not any(map(Message.error, messages)):
        return messages, []
    errors = [(message, error) for message in messages if (error := message.error()) is not None]
    return [message for message in messages if message.error() is None], errors
