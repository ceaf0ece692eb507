"""What every log promises to readers of their own: follow and scan."""

from tests.contracts.log.reading import positions, send, take, values
from ward.ports import Log
from ward.topics import ALERTS, QUARANTINE, READINGS


def test_following_begins_at_the_beginning_and_goes_on(log: Log) -> None:
    send(log, ALERTS, ("a", b"1"), ("b", b"2"))
    reader = log.follow([ALERTS])
    assert values(take(reader, 2)) == [b"1", b"2"]
    send(log, ALERTS, ("c", b"3"))
    assert values(take(reader, 1)) == [b"3"]
    reader.close()


def test_following_from_the_tail_begins_that_many_records_before_each_end(log: Log) -> None:
    send(log, READINGS, *((f"d{n}", b"%d" % n) for n in range(100)))
    whole = {b.partition: 0 for b in take(log.follow([READINGS]), 100)}
    reader = log.follow([READINGS], tail=3)
    found = take(reader, 3 * len(whole))
    for partition in whole:
        mine = [o for b in found if b.partition == partition for o in b.offsets]
        end = sum(map(len, log.scan(partition)))
        assert mine == [end - 3, end - 2, end - 1]
    send(log, READINGS, ("d1", b"more"))
    assert values(take(reader, 1)) == [b"more"]
    reader.close()


def test_a_tail_longer_than_the_log_is_the_whole_log_and_none_is_its_end(log: Log) -> None:
    send(log, QUARANTINE, ("a", b"1"), ("a", b"2"))
    assert values(take(log.follow([QUARANTINE], tail=1000), 2)) == [b"1", b"2"]
    reader = log.follow([QUARANTINE], tail=0)
    send(log, QUARANTINE, ("a", b"3"))
    assert values(take(reader, 1)) == [b"3"]
    reader.close()


def test_an_independent_reader_moves_no_committed_position(log: Log) -> None:
    send(log, READINGS, *((f"d{n}", b"%d" % n) for n in range(20)))
    reader = log.follow([READINGS])
    found = take(reader, 20)
    reader.commit(positions(found))
    assert sum(reader.lag().values()) == 0
    reader.close()
    again = log.follow([READINGS])
    assert len(values(take(again, 20))) == 20
    again.close()


def test_a_scan_ends_at_the_end_as_it_was(log: Log) -> None:
    (partition,) = log.partitions(ALERTS)
    assert list(log.scan(partition)) == []
    send(log, ALERTS, *((f"k{n}", b"%d" % n) for n in range(10)))
    scan = log.scan(partition)
    send(log, ALERTS, ("k", b"too late"))
    assert values(list(scan)) == [b"%d" % n for n in range(10)]
    assert values(list(log.scan(partition, 8))) == [b"8", b"9", b"too late"]
    assert list(log.scan(partition, 11)) == []


def test_two_scans_at_once_do_not_disturb_each_other(log: Log) -> None:
    (partition,) = log.partitions(ALERTS)
    send(log, ALERTS, *((f"k{n}", b"%d" % n) for n in range(10)))
    pairs = zip(log.scan(partition), log.scan(partition, 5), strict=True)
    whole, half = next(pairs)
    assert (len(whole), len(half)) == (10, 5)
