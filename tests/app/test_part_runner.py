"""Parts that fail: what is logged, and how long they pause."""

import logging
import threading
from collections.abc import Callable

import pytest

from app.runtime.outages import REPEAT_AFTER, Outages
from app.runtime.part_runner import PartFactory, PartRunner
from ward.clock import ManualClock
from ward.errors import LogUnavailable, StoreUnavailable
from ward.metrics import Metrics

AWAY = "Kafka at ward:9092 does not answer"


class Attempts(threading.Event):
    """Ends a runner after so many pauses, without waiting for them."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        if len(self.pauses) == self._most:
            self.set()
        return self.is_set()


class Scripted:
    """Does at each step what the next function does; after the last one it ends the runner."""

    def __init__(self, steps: list[Callable[[], object]], stop: threading.Event) -> None:
        self._steps = steps
        self._stop = stop

    def step(self, wait: float) -> int:
        if self._steps:
            self._steps.pop(0)()
        else:
            self._stop.set()
        return 1

    def close(self) -> None: ...


def fail(error: Exception) -> Callable[[], object]:
    def step() -> object:
        raise error

    return step


def run(clock: ManualClock, *steps: Callable[[], object], pauses: int = 100) -> list[float]:
    """The pauses of a part that takes these steps."""
    stop, left = Attempts(pauses), list(steps)
    factory = PartFactory("heartbeat-detectors", lambda: Scripted(left, stop))
    runner = PartRunner([factory], Metrics(), clock=clock, _stop=stop)
    runner._run_forever(factory)
    return stop.pauses


@pytest.mark.guarantee(
    "A program that starts while the log is away says so in one line without a traceback, and waits."
)
def test_what_does_not_answer_is_one_line_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    run(ManualClock(), *[fail(LogUnavailable(AWAY))] * 5, lambda: None)
    assert [(r.levelname, r.getMessage(), r.exc_info) for r in caplog.records] == [
        ("WARNING", f"heartbeat-detectors waits: {AWAY}; all that needs it tries again until it answers", None),
        ("WARNING", "heartbeat-detectors goes on: what it waited for answers again", None),
    ]


def test_a_defect_has_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    run(ManualClock(), fail(KeyError("bed")))
    (record,) = caplog.records
    assert record.getMessage() == "heartbeat-detectors failed; it restarts in 0.5 s"
    assert record.exc_info is not None


def test_all_parts_that_wait_for_one_thing_have_one_line(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    outages = Outages(clock)
    for part in ("intake", "archive", "heartbeat-bridge"):
        outages.failed(part, LogUnavailable(AWAY))
    outages.failed("archive", StoreUnavailable("no answer from InfluxDB"))
    assert [record.getMessage().partition(" ")[0] for record in caplog.records] == ["intake", "archive"]
    clock.advance(REPEAT_AFTER)
    outages.failed("intake", LogUnavailable(AWAY))
    assert len(caplog.records) == 3
    with caplog.at_level(logging.INFO):
        for part in ("intake", "heartbeat-bridge", "intake"):
            outages.works(part)
    assert len(caplog.records) == 4


def test_the_pauses_grow_and_begin_anew_after_a_part_has_worked_for_longer_than_the_longest() -> None:
    clock = ManualClock()
    failing = [fail(LogUnavailable(AWAY))] * 3
    assert run(clock, *failing, lambda: clock.advance(20), *failing) == [0.5, 1.0, 2.0, 0.5, 1.0, 2.0]
