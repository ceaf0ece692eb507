"""Runs the parts of a program: one thread each, crash-only.

A part is a loop whose body, `step`, can also be called by a test with a clock of its own. When a
step raises, its part is closed and built again, as if the process had been killed and started: what
it depends on (log positions, checkpoints, the outbox) is made for exactly that. So a program also
starts, and waits, while the log or the store does not answer.
"""

import gc
import logging
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from app.runtime.outages import UNAVAILABLE, Outages
from ward.backoff import Backoff
from ward.clock import Clock, SystemClock
from ward.metrics import Metrics

# Seconds; the longest step is a start that reads the whole log.
HANGING_AFTER = 60.0

log = logging.getLogger(__name__)


class Part(Protocol):
    """Something that does a small piece of work at each call of `step`."""

    def step(self, wait: float) -> int:
        """Do the work that is due, waiting at most `wait` seconds for some. Returns how many items it was."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class HasProblem(Protocol):
    """A part that continues by itself while something it needs is unavailable, and reports this."""

    def problem(self) -> str:
        """What is wrong now, in words; empty when nothing is. Any thread may call this."""
        ...


@runtime_checkable
class HasRole(Protocol):
    """A part that works in one process at a time."""

    def role(self) -> str:
        """`active`, or `standby` while another process works. Any thread may call this."""
        ...


@dataclass(frozen=True, slots=True)
class PartFactory:
    """Makes a new instance of a part at each call of `make`."""

    name: str
    make: Callable[[], Part]


def tune_gc() -> None:
    """Run Python's garbage collector less often.

    A batch is tens of thousands of objects that are created and freed together, without reference cycles. By
    default the collector runs after each 700 of them, and takes a third of all CPU of an archive.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@dataclass(slots=True)
class PartRunner:
    """Runs parts until `stop` is called."""

    factories: Sequence[PartFactory]
    metrics: Metrics
    first_pause: float = 0.5
    longest_pause: float = 15.0
    problem: dict[str, str] = field(default_factory=dict)
    role: dict[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    outages: Outages = field(init=False)
    _stepped: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outages = Outages(self.clock)

    def start(self) -> None:
        """Start a thread for each part."""
        tune_gc()
        for factory in self.factories:
            self.metrics.restarts.labels(factory.name)  # exported as 0 until the first restart
            thread = threading.Thread(target=self._run_forever, args=(factory,), name=factory.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def hanging(self, name: str) -> str:
        """Why a part counts as hanging: a step has not returned for `HANGING_AFTER`. Empty when it does not."""
        age = self.clock.monotonic() - self._stepped.get(name, math.inf)
        return f"{name}: has not finished a step for {age:.0f} s" if age >= HANGING_AFTER else ""

    def stop(self, wait: float = 4.0) -> bool:
        """Ask all parts to end and wait `wait` seconds for them. False when one did not end in time."""
        self._stop.set()
        end = self.clock.monotonic() + wait
        for thread in self._threads:
            thread.join(max(0.0, end - self.clock.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run_forever(self, factory: PartFactory) -> None:
        backoff = Backoff(self.clock, self.first_pause, self.longest_pause)
        while not self._stop.is_set():
            began = self.clock.monotonic()
            try:
                self._run(factory)
            except Exception as error:
                if self.clock.monotonic() - began > self.longest_pause:
                    backoff.succeeded()
                pause = backoff.failed()
                if isinstance(error, UNAVAILABLE):
                    self.outages.failed(factory.name, error)
                else:
                    log.exception("%s failed; it restarts in %.1f s", factory.name, pause)
                self.metrics.restarts.labels(factory.name).inc()
                self.problem[factory.name] = f"{factory.name} failed: {type(error).__name__}: {error}"
                self._stop.wait(pause)

    def _run(self, factory: PartFactory) -> None:
        self._stepped[factory.name] = self.clock.monotonic()
        part = factory.make()
        try:
            while not self._stop.is_set():
                part.step(0.2)
                self.outages.works(factory.name)
                self._stepped[factory.name] = self.clock.monotonic()
                self._note(factory.name, part.problem() if isinstance(part, HasProblem) else "")
                if isinstance(part, HasRole):
                    self.role[factory.name] = part.role()
        finally:
            part.close()

    def _note(self, name: str, problem: str) -> None:
        if problem:
            self.problem[name] = problem
        else:
            self.problem.pop(name, None)
