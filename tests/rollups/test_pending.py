"""What waits to be rolled up holds back what is committed, and goes with its partition."""

from rollups.pending import MINUTE, Pending
from rollups.touch import Touch
from ward.ports import Partition

ZERO, ONE = Partition("ward.readings", 0), Partition("ward.readings", 1)
NOON = 12 * 60 * MINUTE


def touch(device: str, minute: int = 0) -> Touch:
    return Touch(device=device, at=NOON + minute * MINUTE)


def test_nothing_is_committed_beyond_the_first_record_of_a_minute_that_waits() -> None:
    pending = Pending()
    pending.take(ZERO, [3, 4], [touch("a"), touch("a", 1)], 0.0)
    pending.take(ZERO, [5, 6], [touch("a"), touch("b", 1)], 1.0)
    pending.take(ONE, [8], [touch("c", 1)], 1.0)
    assert pending.positions() == {ZERO: 3, ONE: 8}
    first, second = pending.due(NOON + 9 * MINUTE, 99.0)
    assert (first.after, second.after) == ({ZERO: 7}, {ZERO: 7, ONE: 9})
    pending.done([second])
    assert pending.positions() == {ZERO: 3, ONE: 9}
    pending.done([first])
    assert pending.positions() == {ZERO: 7, ONE: 9}


def test_a_partition_that_went_to_another_takes_its_devices_along() -> None:
    pending = Pending()
    pending.take(ZERO, [0], [touch("a")], 0.0)
    pending.take(ONE, [0], [touch("b"), touch("b", 1)], 0.0)
    pending.forget([ONE], {"a"}.__contains__)
    (minute,) = pending.due(NOON + 9 * MINUTE, 99.0)
    assert (minute.at, minute.devices, minute.after) == (NOON, {"a"}, {ZERO: 1})
    assert pending.positions() == {ZERO: 0}
    assert len(pending) == 1
