"""Runs the parts of a program: one thread each, crash-only.

A part is a loop whose body, `step`, can also be called by a test with a clock of its own. When a
step raises, its part is closed and made anew, as if the process had been killed and started: what
it stands on (log positions, checkpoints, the outbox) is built for exactly that.
"""

import gc
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ward.backoff import Backoff
from ward.clock import SystemClock
from ward.metrics import Metrics

log = logging.getLogger(__name__)


class Part(Protocol):
    """Something that does a bit of work when asked."""

    def step(self, wait: float) -> int:
        """Do what there is to do now, waiting at most `wait` seconds for something. Returns how much it was."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class HasProblem(Protocol):
    """A part that goes on by itself while something it needs is away, and says so."""

    def problem(self) -> str:
        """What is wrong now, in words; empty when nothing is. Any thread may ask."""
        ...


@dataclass(frozen=True, slots=True)
class PartFactory:
    """How to make a part, each time anew."""

    name: str
    make: Callable[[], Part]


def tune_gc() -> None:
    """Have Python look for circles of garbage more rarely.

    A batch is tens of thousands of objects that are made, used and dropped together, without circles. By
    default the collector begins anew after each 700 of them, and takes a third of all CPU of an archive.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@dataclass(slots=True)
class PartRunner:
    """Keeps parts running until told to stop."""

    recipes: Sequence[PartFactory]
    metrics: Metrics
    first_pause: float = 0.5
    longest_pause: float = 15.0
    problem: dict[str, str] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start a thread for each part."""
        tune_gc()
        for recipe in self.recipes:
            self.metrics.restarts.labels(recipe.name)  # 0 is told too
            thread = threading.Thread(target=self._keep, args=(recipe,), name=recipe.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, wait: float = 4.0) -> bool:
        """Ask all parts to end and wait for them. False when one did not in time."""
        self._stop.set()
        clock = SystemClock()
        end = clock.monotonic() + wait
        for thread in self._threads:
            thread.join(max(0.0, end - clock.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _keep(self, recipe: PartFactory) -> None:
        backoff = Backoff(SystemClock(), self.first_pause, self.longest_pause)
        while not self._stop.is_set():
            try:
                self._run(recipe)
            except Exception as error:
                pause = backoff.failed()
                log.exception("%s died; starting it again in %.1f s", recipe.name, pause)
                self.metrics.restarts.labels(recipe.name).inc()
                self.problem[recipe.name] = f"{recipe.name} died: {type(error).__name__}: {error}"
                self._stop.wait(pause)

    def _run(self, recipe: PartFactory) -> None:
        part = recipe.make()
        try:
            while not self._stop.is_set():
                part.step(0.2)
                self._note(recipe.name, part.problem() if isinstance(part, HasProblem) else "")
        finally:
            part.close()

    def _note(self, name: str, problem: str) -> None:
        if problem:
            self.problem[name] = problem
        else:
            self.problem.pop(name, None)
