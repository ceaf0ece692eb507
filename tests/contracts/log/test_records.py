"""What every log promises about records: order, places, columns, sizes, holes."""

import pytest

from tests.contracts.log.benches import Bench, MemoryBench
from tests.contracts.log.reading import positions, send, take, values
from tests.kit.log_records import log_records
from ward.errors import OffsetOutOfRange
from ward.ports import Log, Partition
from ward.ports.log import MOST_BYTES
from ward.topics import ALERTS, DETECTOR_STATE, READINGS


def test_what_is_settled_is_read_in_the_order_of_each_key(log: Log) -> None:
    receipts = [log.send(READINGS, [(f"d{k}", b"%d-%d" % (k, n)) for k in range(7)]) for n in range(50)]
    assert all(receipt.acked(30) for receipt in receipts)
    found = take(log.follow([READINGS]), 350)
    for k in range(7):
        mine = [v for b in found for key, v in zip(b.keys, b.values, strict=True) if key == f"d{k}"]
        assert mine == [b"%d-%d" % (k, n) for n in range(50)]


def test_a_key_has_one_place_and_every_log_the_same(log: Log) -> None:
    send(log, READINGS, *((f"d{n}", b"") for n in range(100)))
    places = {key: b.partition for b in take(log.follow([READINGS]), 100) for key in b.keys}
    assert places == {f"d{n}": log.partition(READINGS, f"d{n}") for n in range(100)}
    assert set(places.values()) == set(log.partitions(READINGS))
    assert log.partition(READINGS, "mon-icu-01") == Partition(READINGS, 1)


def test_a_topic_whose_order_matters_across_keys_has_one_partition(log: Log) -> None:
    assert log.partitions(ALERTS) == [Partition(ALERTS, 0)]
    send(log, ALERTS, *((f"k{n}", b"%d" % n) for n in range(20)))
    assert values(take(log.follow([ALERTS]), 20)) == [b"%d" % n for n in range(20)]


def test_a_batch_is_columns_of_one_partition_with_rising_offsets(log: Log) -> None:
    send(log, READINGS, *((f"d{n}", b"%d" % n) for n in range(60)))
    for batch in take(log.follow([READINGS]), 60, limit=7):
        assert len(batch) == len(batch.offsets) == len(batch.keys) == len(batch.values) <= 7
        assert list(batch.offsets) == sorted(set(batch.offsets))
        assert all(log.partition(READINGS, key) == batch.partition for key in batch.keys)


def test_keys_and_values_come_back_as_they_went(log: Log) -> None:
    odd = [("ключ", b"\x00\xff"), ("a b/c", b""), ("k", b"x" * MOST_BYTES), ("k2", bytes(range(256)))]
    send(log, READINGS, *odd)
    found = {key: v for b in take(log.follow([READINGS]), 4) for key, v in zip(b.keys, b.values, strict=True)}
    assert found == dict(odd)


def test_a_value_that_no_log_takes_is_refused_with_all_that_came_with_it(log: Log) -> None:
    with pytest.raises(ValueError, match=READINGS):
        log.send(READINGS, [("k", b"small"), ("k", b"x" * (MOST_BYTES + 1))])
    send(log, READINGS, ("k", b"next"))
    assert values(take(log.follow([READINGS]), 1)) == [b"next"]


def test_sending_nothing_is_settled_at_once(log: Log) -> None:
    assert log.send(READINGS, []).acked(10)


def test_what_is_settled_is_there_after_the_program_has_ended(bench: Bench) -> None:
    send(bench.log, READINGS, *((f"d{n}", b"%d" % n) for n in range(100)))
    again = bench.again()
    send(again, READINGS, ("d1", b"later"))
    found = take(again.follow([READINGS]), 101)
    of_d1 = [v for b in found for key, v in zip(b.keys, b.values, strict=True) if key == "d1"]
    assert of_d1 == [b"1", b"later"]


def test_the_newest_of_each_key_stays_in_a_compacted_topic(bench: Bench) -> None:
    for n in range(5):
        send(bench.log, DETECTOR_STATE, ("a", b"a%d" % n), ("b", b"b%d" % n))
    again = bench.again()
    assert dict(log_records(again, DETECTOR_STATE)) == {"a": b"a4", "b": b"b4"}


def test_a_position_older_than_the_retention_is_an_error_and_never_skipped(bench: Bench) -> None:
    partition = bench.log.partition(READINGS, "k")
    send(bench.log, READINGS, *(("k", b"%d" % n) for n in range(10)))
    consumer = bench.log.consumer([READINGS], "slow")
    consumer.commit(positions(take(consumer, 10, limit=4)[:1]))
    consumer.close()
    bench.trim(partition, 8)
    late = bench.log.consumer([READINGS], "slow")
    with pytest.raises(OffsetOutOfRange, match=READINGS):
        take(late, 1)
    with pytest.raises(OffsetOutOfRange):
        list(bench.log.scan(partition, 2))
    late.close()
    # Whoever begins now begins where the log does.
    assert next(iter(bench.log.scan(partition))).offsets[0] >= 8
    if isinstance(bench, MemoryBench):
        assert values(list(bench.log.scan(partition))) == [b"8", b"9"]


def test_a_working_log_reports_no_problem(log: Log) -> None:
    send(log, READINGS, ("k", b""))
    assert log.problem() == ""
