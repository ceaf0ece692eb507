"""Work at a fixed interval."""

import pytest

from ward.clock import ManualClock
from ward.periodic import Periodic


class RecordingClock(ManualClock):
    """Records the waits that it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_it_is_due_at_once_and_then_after_each_interval() -> None:
    clock = ManualClock()
    periodic = Periodic(clock, 5.0)
    assert periodic.due()
    assert not periodic.due()
    clock.advance(4.75)
    assert (periodic.due(), periodic.seconds_left()) == (False, 0.25)
    clock.advance(0.25)
    assert periodic.due()
    assert periodic.seconds_left() == 5.0


def test_the_first_time_can_be_later() -> None:
    clock = ManualClock()
    periodic = Periodic(clock, 5.0, first=2.0)
    assert (periodic.due(), periodic.seconds_left()) == (False, 2.0)
    clock.advance(2.0)
    assert periodic.due()


def test_missed_intervals_are_not_made_up_for() -> None:
    clock = ManualClock()
    periodic = Periodic(clock, 5.0)
    periodic.due()
    clock.advance(12.0)
    assert periodic.due()
    assert (periodic.due(), periodic.seconds_left()) == (False, 5.0)


def test_a_step_of_the_wall_clock_changes_nothing() -> None:
    clock = ManualClock()
    periodic = Periodic(clock, 5.0)
    periodic.due()
    clock.step(3600)
    assert periodic.seconds_left() == 5.0


@pytest.mark.parametrize(("longest", "waited"), [(0.2, 0.2), (60.0, 5.0)])
def test_a_wait_ends_when_it_is_due_and_takes_no_longer_than_allowed(longest: float, waited: float) -> None:
    clock = RecordingClock()
    periodic = Periodic(clock, 5.0)
    assert periodic.wait(longest)
    assert not periodic.wait(longest)
    assert clock.waits == [waited]


def test_a_restart_sets_the_next_time() -> None:
    clock = ManualClock()
    periodic = Periodic(clock, 5.0)
    periodic.restart(60.0)
    assert periodic.seconds_left() == 60.0
    periodic.restart()
    assert periodic.seconds_left() == 5.0
