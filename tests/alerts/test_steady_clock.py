"""Steady time over a restart: the clock that cannot be right is not believed."""

import pytest

from alerts.steady_clock import DAY, ClockAnchor, SteadyClock
from ward.clock import SECOND, ManualClock

HOUR = 3600 * SECOND


class TwoClocks(ManualClock):
    """A clock of which both hands are set."""

    def __init__(self, wall: int, monotonic: float) -> None:
        super().__init__(wall)
        self._monotonic = monotonic


@pytest.mark.parametrize(
    ("wall", "monotonic", "passed"),
    [
        (10 * SECOND, 10.0, 10 * SECOND),
        (10 * SECOND + HOUR, 10.0, 10 * SECOND),  # set forward
        (10 * SECOND - HOUR, 10.0, 10 * SECOND),  # set back
        (10 * SECOND, -5000.0, 10 * SECOND),  # booted
        (10 * SECOND, 9e6, 10 * SECOND),  # another machine
        (-10 * SECOND, 9e6, 0),  # another machine, whose clock is behind
        (-10 * SECOND, -10.0, 0),
        (20 * DAY, 20.0 * 86400, 20 * DAY),  # a long time off
    ],
)
def test_elapsed_time_is_the_shorter_of_both_clocks(wall: int, monotonic: float, passed: int) -> None:
    anchor = ClockAnchor(steady=7, wall=1000 * HOUR, monotonic=10_000.0)
    clock = TwoClocks(1000 * HOUR + wall, 10_000.0 + monotonic)
    assert SteadyClock(clock, anchor).now() == 7 + passed


def test_steady_time_starts_at_the_wall_clock_and_follows_the_monotonic_clock() -> None:
    clock = ManualClock()
    steady = SteadyClock(clock, None)
    begun = clock.now()
    clock.advance(5)
    clock.step(-3600)
    assert steady.now() == begun + 5 * SECOND
    assert SteadyClock(clock, steady.anchor(clock.now())).now() == steady.now()
