"""A receipt is acknowledged when its records are on the disk, not before; senders wait while the disk is slow."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from ward.adapters.group_commit import GroupCommit, PendingWrite
from ward.errors import LogUnavailable

LONG = 20.0


class Disk:
    """Takes what it is given as soon as the test lets it go."""

    def __init__(self) -> None:
        self.free, self.asked = threading.Event(), threading.Event()
        self.error: OSError | None = None
        self.written: list[str] = []

    def write(self, taken: Sequence[PendingWrite]) -> None:
        if taken:
            self.asked.set()
            assert self.free.wait(LONG)
        if taken and self.error is not None:
            raise self.error
        self.written += [key for pending in taken for key, _ in pending.records]


def records(*keys: str) -> list[tuple[str, bytes]]:
    return [(key, b"x") for key in keys]


def test_a_receipt_is_settled_when_it_is_written_and_not_before() -> None:
    disk = Disk()
    queue = GroupCommit(disk.write)
    receipt = queue.put(PendingWrite(queue.changed, "t", records("a")))
    assert disk.asked.wait(LONG)
    assert not receipt.acked(0)
    disk.free.set()
    assert receipt.acked(LONG)
    assert disk.written == ["a"]
    queue.close()


def test_a_failed_write_is_an_error_for_its_senders_and_the_next_write_may_succeed() -> None:
    disk = Disk()
    disk.free.set()
    disk.error = OSError("no space left")
    queue = GroupCommit(disk.write)
    with pytest.raises(LogUnavailable, match="no space left"):
        queue.put(PendingWrite(queue.changed, "t", records("a"))).acked(LONG)
    assert "no space left" in queue.problem
    disk.error = None
    assert queue.put(PendingWrite(queue.changed, "t", records("b"))).acked(LONG)
    assert (disk.written, queue.problem) == (["b"], "")
    queue.close()


def test_a_sender_waits_while_too_many_records_are_queued() -> None:
    disk = Disk()
    queue = GroupCommit(disk.write, most=2)
    queue.put(PendingWrite(queue.changed, "t", records("a")))
    assert disk.asked.wait(LONG)
    queue.put(PendingWrite(queue.changed, "t", records("b", "c")))
    with ThreadPoolExecutor(1) as sender:
        waits = sender.submit(queue.put, PendingWrite(queue.changed, "t", records("d")))
        assert not waits.done()
        with pytest.raises(TimeoutError):
            waits.result(0.05)
        disk.free.set()
        assert waits.result(LONG).acked(LONG)
    assert disk.written == ["a", "b", "c", "d"]
    queue.close()
