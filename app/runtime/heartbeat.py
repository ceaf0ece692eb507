"""The heartbeat of a program: writes its health to the log, from where the ward screen and the store read it."""

from collections.abc import Callable, Sequence

from app.runtime.clock_steps import ClockSteps
from ward.clock import SECOND, Clock
from ward.config.live_config import LiveConfig
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Log, Receipt
from ward.topics import HEARTBEATS
from ward.wire import HEARTBEAT_WIRE, Heartbeat

EVERY = 5.0


class HeartbeatSender:
    """A part: one record every `EVERY` seconds. `problem` returns what is wrong now, in words, `role` what
    this instance is to others of its program."""

    def __init__(
        self, log: Log, live: LiveConfig, clock: Clock, metrics: Metrics, program: str, instance: str,
        problem: Callable[[], Sequence[str]] = tuple, role: Callable[[], str] = str,
    ) -> None:  # fmt: skip
        self._log = log
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._program = program
        self._instance = instance
        self._problem = problem
        self._role = role
        self._started = clock.now()
        self._clock_steps = ClockSteps(clock)
        self._period = Periodic(clock, EVERY)
        self._receipt: Receipt | None = None

    def step(self, wait: float) -> int:
        """Write a record when it is due."""
        if not self._period.wait(wait):
            return 0
        self._metrics.clock_set.set(self._clock_steps.last())
        health = Heartbeat(
            program=self._program,
            instance=self._instance,
            at=self._clock.now() // SECOND * SECOND,
            started=self._started,
            config=self._live.config.hash,
            problems=list(self._problem()),
            reload_error="\n".join(self._live.faults),
            role=self._role(),
            numbers=self._metrics.samples(),
        )
        self._receipt = self._log.send(
            HEARTBEATS, [(f"{self._program}/{self._instance}", HEARTBEAT_WIRE.encode(health))]
        )
        return 1

    def close(self) -> None:
        """The last record stays in the log: its age shows that this program is gone."""
