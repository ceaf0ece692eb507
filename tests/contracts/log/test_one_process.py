"""What every log promises where only one process may do something."""

from contextlib import suppress

import pytest

from tests.contracts.log.benches import Bench
from ward.clock import SystemClock
from ward.errors import LogUnavailable, ProducerFenced
from ward.ports import Addressed, Log, Ownership, Receipt
from ward.topics import ACTIONS, ALERTS

CLOCK = SystemClock()
PATIENCE = 60.0


def records(log: Log, topic: str) -> list[bytes]:
    return [value for p in log.partitions(topic) for batch in log.scan(p) for value in batch.values]


def read_in_full(log: Log, topic: str, wanted: list[bytes]) -> bool:
    """Whether a topic holds exactly these records. Kafka shows those of a transaction a moment after it is durable."""
    end = CLOCK.monotonic() + PATIENCE
    while (found := records(log, topic)) != wanted and len(found) < len(wanted) and CLOCK.monotonic() < end:
        CLOCK.wait(0.05)
    return found == wanted


def acked(receipt: Receipt) -> bool:
    end = CLOCK.monotonic() + PATIENCE
    while not receipt.acked(1.0):
        assert CLOCK.monotonic() < end
    return True


def test_a_transaction_puts_records_into_several_topics_and_a_newer_producer_fences_the_older(bench: Bench) -> None:
    log = bench.log
    older = log.transactions("one")
    assert acked(older.send([Addressed(ALERTS, "a", b"1"), Addressed(ACTIONS, "b", b"2")]))
    assert read_in_full(log, ALERTS, [b"1"])
    assert read_in_full(log, ACTIONS, [b"2"])
    newer = log.transactions("one")
    assert acked(newer.send([Addressed(ALERTS, "a", b"3")]))
    with pytest.raises(ProducerFenced):
        acked(older.send([Addressed(ALERTS, "a", b"late")]))
    assert acked(newer.send([Addressed(ALERTS, "a", b"4")]))
    assert read_in_full(log, ALERTS, [b"1", b"3", b"4"])
    older.close()
    newer.close()


def test_one_of_two_owns_and_the_other_does_when_that_one_closes(bench: Bench) -> None:
    first, second = bench.log.ownership("o"), bench.log.ownership("o")
    until_certain(first)
    ask(second)
    ask(first)
    assert (first.held, second.held) == (True, False)
    first.close()
    until_certain(second)
    second.close()


def ask(ownership: Ownership) -> None:
    with suppress(LogUnavailable):  # asked again
        ownership.poll(0.2)


def until_certain(ownership: Ownership) -> None:
    end = CLOCK.monotonic() + PATIENCE
    while not (ownership.held and CLOCK.monotonic() < ownership.certain_until):
        ask(ownership)
        assert CLOCK.monotonic() < end
