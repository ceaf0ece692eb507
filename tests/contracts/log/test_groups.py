"""What every log promises about groups: sharing, handing over, going on after a restart."""

import random
import threading

import pytest

from tests.contracts.log.benches import Bench
from tests.contracts.log.reading import PATIENCE, positions, send, take, values
from ward.ports import Addressed, Batch, Consumer, Log, Partition
from ward.ports.log import Partitions
from ward.topics import ACTIONS, READINGS


def fill(log: Log, count: int, first: int = 0) -> list[bytes]:
    wanted = [b"%d" % n for n in range(first, first + count)]
    send(log, READINGS, *((f"d{int(v) % 40}", v) for v in wanted))
    return wanted


def test_a_group_begins_at_the_beginning_and_goes_on_where_it_committed(bench: Bench) -> None:
    wanted = fill(bench.log, 30)
    first = bench.log.consumer([READINGS], "g")
    taken = take(first, 30)
    assert sorted(values(taken), key=int) == wanted
    first.commit(positions(taken))
    first.close()
    more = fill(bench.again(), 5, first=30)
    second = bench.log.consumer([READINGS], "g")
    assert sorted(values(take(second, 5)), key=int) == more
    second.close()


def test_how_far_a_group_is_can_be_asked_by_anyone(bench: Bench) -> None:
    fill(bench.log, 30)
    partitions = bench.log.partitions(READINGS)
    assert [bench.log.committed("g", p) for p in partitions] == [None] * len(partitions)
    consumer = bench.log.consumer([READINGS], "g")
    done = positions(take(consumer, 30))
    assert [bench.log.committed("g", p) for p in partitions] == [None] * len(partitions), "taken is not done"
    consumer.commit(done)
    assert {p: bench.log.committed("g", p) for p in done} == done
    assert [bench.log.committed("other", p) for p in partitions] == [None] * len(partitions)
    consumer.close()
    log = bench.again()
    assert {p: log.committed("g", p) for p in done} == done


def test_what_was_not_committed_comes_again(bench: Bench) -> None:
    wanted = fill(bench.log, 30)
    first = bench.log.consumer([READINGS], "g")
    taken = take(first, 30, limit=5)
    done = taken[:2]
    first.commit(positions(done))
    first.close()
    second = bench.log.consumer([READINGS], "g")
    left = sorted(set(wanted) - set(values(done)), key=int)
    assert sorted(values(take(second, len(left))), key=int) == left
    second.close()


def test_groups_know_nothing_of_each_other(log: Log) -> None:
    wanted = fill(log, 10)
    for group in ("one", "two"):
        consumer = log.consumer([READINGS], group)
        taken = take(consumer, 10)
        assert sorted(values(taken), key=int) == wanted
        consumer.commit(positions(taken))
        consumer.close()


def test_a_group_may_read_several_topics(log: Log) -> None:
    send(log, READINGS, ("a", b"reading"))
    send(log, ACTIONS, ("a", b"action"))
    consumer = log.consumer([READINGS, ACTIONS], "g")
    found = take(consumer, 2)
    assert {(b.partition.topic, b.values[0]) for b in found} == {(READINGS, b"reading"), (ACTIONS, b"action")}
    consumer.commit(positions(found))
    consumer.close()


def test_lag_is_what_lies_beyond_the_position(log: Log) -> None:
    fill(log, 30)
    consumer = log.consumer([READINGS], "g")
    taken = take(consumer, 30)
    assert sum(consumer.lag().values()) == 0
    assert set(consumer.lag()) == set(log.partitions(READINGS))
    consumer.commit(positions(taken))
    consumer.close()
    assert consumer.lag() == {}


@pytest.mark.guarantee("A topic that is written in transactions has no lag once all its records are read.")
def test_nothing_lies_beyond_the_position_once_the_records_of_all_transactions_are_read(log: Log) -> None:
    producer = log.transactions("one")
    consumer = log.consumer([READINGS], "g")
    for _ in range(PATIENCE):
        if set(consumer.lag()) == set(log.partitions(READINGS)):
            break
        consumer.poll(10, 0.2)
    records = [Addressed(READINGS, f"device-{number}", b"1") for number in range(20)]
    receipt = producer.send(records)
    assert any(receipt.acked(1.0) for _ in range(PATIENCE))
    take(consumer, len(records))
    for _ in range(PATIENCE):
        if not any(consumer.lag().values()):
            break
        assert consumer.poll(1000, 0.1) == []
    assert set(consumer.lag().values()) == {0}
    consumer.close()
    producer.close()


def test_a_waiting_reader_wakes_when_something_comes(log: Log) -> None:
    consumer = log.consumer([READINGS], "g")
    for _ in range(PATIENCE):
        if set(consumer.lag()) == set(log.partitions(READINGS)):
            break
        consumer.poll(10, 0.2)
    found: list[Batch] = []
    sender = threading.Thread(target=lambda: log.send(READINGS, [("k", b"news")]).acked(30))
    sender.start()
    found = take(consumer, 1)
    sender.join()
    assert values(found) == [b"news"]
    consumer.close()


class Member:
    """A consumer that writes down what happens to it, and commits all it has taken when a partition goes."""

    def __init__(self, log: Log, group: str = "g") -> None:
        self.held: set[Partition] = set()
        self.taken: list[bytes] = []
        self._done: dict[Partition, int] = {}
        self._log = log
        self.consumer: Consumer = log.consumer([READINGS], group, self._assigned, self._revoked)

    def _assigned(self, partitions: Partitions) -> None:
        assert not self.held & set(partitions), "assigned what was held"
        self.held |= set(partitions)

    def _revoked(self, partitions: Partitions) -> None:
        assert set(partitions) <= self.held, "revoked what was not held"
        self.consumer.commit({p: self._done[p] for p in partitions if p in self._done})
        self.held -= set(partitions)

    def poll(self, limit: int = 1000) -> None:
        for batch in self.consumer.poll(limit, 0.1):
            assert batch.partition in self.held, "a record before on_assign or after on_revoke"
            assert self._done.get(batch.partition, 0) <= batch.offsets[0], "a partition went back"
            self._done[batch.partition] = batch.offsets[-1] + 1
            self.taken += batch.values

    def commit(self) -> None:
        self.consumer.commit({p: o for p, o in self._done.items() if p in self.held})

    def close(self) -> None:
        self.consumer.close()


def balance(log: Log, *members: Member) -> None:
    """Poll until each partition is held by exactly one member, and all members hold as many as they should."""
    every = set(log.partitions(READINGS))
    least = len(every) // len(members)
    for _ in range(PATIENCE):
        for member in members:
            member.poll()
        held = [p for member in members for p in member.held]
        if sorted(held) == sorted(every) and all(len(member.held) >= least for member in members):
            return
    raise AssertionError(f"not shared: {[sorted(m.held) for m in members]}")


def test_members_share_the_partitions_and_take_over_from_one_that_leaves(log: Log) -> None:
    one, two = Member(log), Member(log)
    balance(log, one)
    balance(log, one, two)
    wanted = fill(log, 80)
    for _ in range(PATIENCE):
        one.poll()
        two.poll()
        if len(one.taken) + len(two.taken) >= 80:
            break
    assert one.taken
    assert two.taken
    assert sorted(one.taken + two.taken, key=int) == wanted, "each record to one member, once"
    two.commit()
    one.close()
    balance(log, two)
    more = fill(log, 40, first=80)
    before = set(two.taken)
    for _ in range(PATIENCE):
        two.poll()
        if set(more) <= set(two.taken):
            break
    # What `one` had taken and not committed has come again, and nothing was left out.
    assert set(two.taken) == set(wanted) | set(more)
    assert before <= set(two.taken)
    two.close()


def test_members_that_come_and_go_lose_nothing(log: Log) -> None:
    """Members join and leave at random, from a seed: each record reaches one of them."""
    chance = random.Random(7)
    members, taken, sent = [Member(log)], [], 0
    for _ in range(12):
        if len(members) < 2 or (len(members) < 4 and chance.random() < 0.5):
            members.append(Member(log))
        else:
            gone = members.pop(chance.randrange(len(members)))
            if chance.random() < 0.5:
                gone.commit()
            taken += gone.taken
            gone.close()
        sent += len(fill(log, 20, first=sent))
        for member in members:
            member.poll(limit=chance.choice([5, 50]))
    wanted = {b"%d" % n for n in range(sent)}
    for _ in range(PATIENCE):
        for member in members:
            member.poll()
        if {*taken, *(v for m in members for v in m.taken)} == wanted:
            break
    assert {*taken, *(v for m in members for v in m.taken)} == wanted
    for member in members:
        member.close()
