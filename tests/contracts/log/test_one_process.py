"""What every log promises where only one process may do something."""

from collections.abc import Callable, Set
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
    assert (first.held, second.held) == ({0}, set())
    first.close()
    until_certain(second)
    second.close()


def test_several_places_are_shared_and_one_moves_when_its_holder_releases_it(bench: Bench) -> None:
    log, released = bench.log, list[Set[int]]()

    def release(places: Set[int]) -> None:
        assert places <= first.held
        released.append(places)

    first = log.ownership("several", 2, release)
    until(lambda: first.held == {0, 1} and CLOCK.monotonic() < first.certain_until, first)
    second = log.ownership("several", 2)
    until(lambda: len(second.held) == 1 and CLOCK.monotonic() < second.certain_until, second, first)
    assert set().union(*released) == second.held
    until(lambda: len(first.held) == 1, first, second)
    assert first.held | second.held == {0, 1}
    second.close()
    assert second.held == set()
    until(lambda: first.held == {0, 1}, first)
    first.close()


def test_the_number_of_places_is_the_one_that_was_asked_for_first(bench: Bench) -> None:
    first, second = bench.log.ownership("fixed", 3), bench.log.ownership("fixed", 2)
    assert (first.places, second.places) == (3, 3)
    assert bench.log.ownership("single").places == 1


def until(done: Callable[[], bool], *asking: Ownership) -> None:
    end = CLOCK.monotonic() + PATIENCE
    while not done():
        for ownership in asking:
            ask(ownership)
        assert CLOCK.monotonic() < end


def ask(ownership: Ownership) -> None:
    with suppress(LogUnavailable):  # asked again
        ownership.poll(0.2)


def until_certain(ownership: Ownership) -> None:
    end = CLOCK.monotonic() + PATIENCE
    while not (ownership.held and CLOCK.monotonic() < ownership.certain_until):
        ask(ownership)
        assert CLOCK.monotonic() < end
