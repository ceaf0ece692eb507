"""Waking a thread that waits for sockets."""

import select
from collections.abc import Iterator

import pytest

from ward.wakeup import Wakeup


@pytest.fixture
def wakeup() -> Iterator[Wakeup]:
    made = Wakeup()
    yield made
    made.close()


def woken(wakeup: Wakeup) -> bool:
    return bool(select.select([wakeup], [], [], 0)[0])


def test_a_wait_for_it_ends_with_wake_and_not_before(wakeup: Wakeup) -> None:
    assert not woken(wakeup)
    wakeup.wake()
    assert woken(wakeup)


def test_one_clear_takes_back_any_number_of_wake_ups(wakeup: Wakeup) -> None:
    for _ in range(3):
        wakeup.wake()
    wakeup.clear()
    assert not woken(wakeup)
    wakeup.wake()
    assert woken(wakeup)


def test_a_full_buffer_does_not_block(wakeup: Wakeup) -> None:
    for _ in range(10_000):
        wakeup.wake()
    assert woken(wakeup)


def test_clear_without_a_wake_up_does_nothing(wakeup: Wakeup) -> None:
    wakeup.clear()
    assert not woken(wakeup)


def test_wake_after_close_does_nothing() -> None:
    wakeup = Wakeup()
    wakeup.close()
    wakeup.wake()
