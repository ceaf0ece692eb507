"""A wall clock that was set is noticed by each program, and reported for ten minutes."""

from app.runtime.clock_steps import REPORTED_FOR, ClockSteps
from ward.clock import ManualClock


def test_a_step_forward_or_back_is_reported_for_a_while() -> None:
    clock = ManualClock()
    steps = ClockSteps(clock)
    clock.advance(5)
    assert steps.last() == 0
    clock.step(-3600)
    clock.advance(5)
    assert steps.last() == -3600
    clock.advance(REPORTED_FOR - 1)
    assert steps.last() == -3600
    clock.step(30)
    assert steps.last() == 30
    clock.advance(REPORTED_FOR)
    assert steps.last() == 0


def test_what_ntp_corrects_is_no_step() -> None:
    clock = ManualClock()
    steps = ClockSteps(clock)
    for _ in range(1000):
        clock.advance(5)
        clock.step(0.0025)
        assert steps.last() == 0
    clock.step(1.9)
    assert steps.last() == 0
