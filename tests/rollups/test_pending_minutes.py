"""Waiting minutes hold back the commit, and are removed with their partition."""

from rollups.pending_minutes import MINUTE, PendingMinutes
from rollups.reading_key import ReadingKey
from ward.ports import Partition

ZERO, ONE = Partition("ward.readings", 0), Partition("ward.readings", 1)
NOON = 12 * 60 * MINUTE


def key(device: str, minute: int = 0) -> ReadingKey:
    return ReadingKey(device=device, at=NOON + minute * MINUTE)


def test_nothing_is_committed_beyond_the_first_record_of_a_waiting_minute() -> None:
    pending = PendingMinutes()
    pending.add(ZERO, [3, 4], [key("a"), key("a", 1)], 0.0)
    pending.add(ZERO, [5, 6], [key("a"), key("b", 1)], 1.0)
    pending.add(ONE, [8], [key("c", 1)], 1.0)
    assert pending.positions() == {ZERO: 3, ONE: 8}
    first, second = pending.due(NOON + 9 * MINUTE, 99.0)
    assert (first.after, second.after) == ({ZERO: 7}, {ZERO: 7, ONE: 9})
    pending.done([second])
    assert pending.positions() == {ZERO: 3, ONE: 9}
    pending.done([first])
    assert pending.positions() == {ZERO: 7, ONE: 9}


def test_a_revoked_partition_removes_its_devices() -> None:
    pending = PendingMinutes()
    pending.add(ZERO, [0], [key("a")], 0.0)
    pending.add(ONE, [0], [key("b"), key("b", 1)], 0.0)
    pending.remove([ONE], {"a"}.__contains__)
    (minute,) = pending.due(NOON + 9 * MINUTE, 99.0)
    assert (minute.at, minute.devices, minute.after) == (NOON, {"a"}, {ZERO: 1})
    assert pending.positions() == {ZERO: 0}
    assert len(pending) == 1
