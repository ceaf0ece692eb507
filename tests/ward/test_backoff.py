"""The pauses between attempts."""

import pytest

from ward.backoff import Backoff
from ward.clock import ManualClock


def test_pauses_grow_by_the_factor_up_to_the_longest() -> None:
    backoff = Backoff(ManualClock(), first=0.5, longest=5.0)
    assert [backoff.failed() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert backoff.failures == 6


def test_another_factor() -> None:
    backoff = Backoff(ManualClock(), first=1.0, longest=100.0, factor=10.0)
    assert [backoff.pause(n) for n in range(4)] == [1.0, 10.0, 100.0, 100.0]


def test_any_number_of_failures_has_a_pause() -> None:
    assert Backoff(ManualClock(), first=1.0, longest=60.0).pause(1_000_000) == 60.0


def test_the_first_attempt_may_be_made_at_once() -> None:
    backoff = Backoff(ManualClock(), first=1.0, longest=5.0)
    assert backoff.due()
    assert backoff.seconds_left() == 0.0


def test_an_attempt_is_due_when_the_pause_is_over() -> None:
    clock = ManualClock()
    backoff = Backoff(clock, first=1.0, longest=5.0)
    backoff.failed()
    assert not backoff.due()
    clock.advance(0.75)
    assert (backoff.due(), backoff.seconds_left()) == (False, 0.25)
    clock.advance(0.25)
    assert (backoff.due(), backoff.seconds_left()) == (True, 0.0)


def test_a_step_of_the_wall_clock_does_not_change_a_pause() -> None:
    clock = ManualClock()
    backoff = Backoff(clock, first=1.0, longest=5.0)
    backoff.failed()
    clock.step(3600)
    assert backoff.seconds_left() == 1.0


def test_after_a_success_the_pauses_begin_with_the_first_again() -> None:
    clock = ManualClock()
    backoff = Backoff(clock, first=1.0, longest=5.0)
    backoff.failed()
    backoff.failed()
    backoff.succeeded()
    assert (backoff.failures, backoff.seconds_left()) == (0, 2.0)
    assert backoff.failed() == 1.0


def test_a_reset_ends_the_pause() -> None:
    backoff = Backoff(ManualClock(), first=1.0, longest=5.0)
    backoff.failed()
    backoff.reset()
    assert backoff.due()
    assert backoff.failed() == 1.0


@pytest.mark.parametrize(("first", "longest", "factor"), [(0.0, 1.0, 2.0), (2.0, 1.0, 2.0), (1.0, 2.0, 1.0)])
def test_pauses_that_cannot_grow_are_refused(first: float, longest: float, factor: float) -> None:
    with pytest.raises(ValueError, match="needs 0 < first <= longest and factor > 1"):
        Backoff(ManualClock(), first, longest, factor)
