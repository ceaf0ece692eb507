"""A part that works in one of several processes."""

import pytest

from app.runtime.one_at_a_time import OneAtATime
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock


class Counting:
    """Counts its steps."""

    def __init__(self, made: list["Counting"]) -> None:
        self.steps, self.closed = 0, False
        made.append(self)

    def step(self, wait: float) -> int:
        self.steps += 1
        return 1

    def close(self) -> None:
        self.closed = True


@pytest.mark.guarantee("Of several rollups processes one computes the days; another goes on when that one ends.")
def test_one_works_and_another_goes_on_when_it_ends() -> None:
    log, clock = MemoryLog(), ManualClock()
    made: list[Counting] = []
    first, second = (OneAtATime("days", log, lambda: Counting(made), clock) for _ in range(2))
    for part in (first, second, first, second):
        part.step(0)
    assert (first.role(), second.role()) == ("active", "standby")
    assert [part.steps for part in made] == [2]
    first.close()
    second.step(0)
    assert second.role() == "active"
    assert [(part.steps, part.closed) for part in made] == [(2, True), (1, False)]


def test_it_stops_as_soon_as_another_one_may_work() -> None:
    made: list[Counting] = []
    clock = ManualClock()
    log = MemoryLog()
    part = OneAtATime("days", log, lambda: Counting(made), clock)
    part.step(0)
    assert part._ownership is not None
    part._ownership._consumer.held.clear()  # type: ignore[attr-defined]
    part._ownership.poll = lambda wait: None  # type: ignore[method-assign]
    part.step(0)
    assert (part.role(), made[0].closed) == ("standby", True)
