"""Messages of librdkafka as columns."""

from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from ward.adapters.kafka.batches import batches

OFFSETS = st.sets(st.integers(0, 60), min_size=1).map(sorted)


def message(number: int, offset: int) -> Message:
    return Message(topic="site.a", partition=number, offset=offset, key=b"k%d" % offset, value=b"v%d" % offset)


@given(st.dictionaries(st.integers(0, 3), OFFSETS))
def test_each_record_keeps_its_offset_also_where_offsets_have_gaps(runs: dict[int, list[int]]) -> None:
    messages = [message(number, offset) for number, offsets in runs.items() for offset in offsets]
    found = [
        (batch.partition.number, *record)
        for batch in batches(messages, lambda topic: topic.removeprefix("site."))
        for record in zip(batch.offsets, batch.keys, batch.values, strict=True)
    ]
    assert found == [(n, offset, f"k{offset}", b"v%d" % offset) for n, offsets in runs.items() for offset in offsets]
