"""The health of the programs: the newest heartbeat of each instance, its age, and the rates of its counters."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ward.clock import SECOND, Micros
from ward.wire import Heartbeat
from web.model.metric_samples import MetricSamples
from web.model.now import Now

STALE_AFTER = 15.0  # seconds without a heartbeat after which a program may be down
_WINDOW = 60 * SECOND  # rates are means over this time, or since the first heartbeat
_EVICT_AFTER = 600.0  # seconds for which a replaced instance is listed
_MAX_INSTANCES = 500


class ProgramStatus(NamedTuple):
    """The newest heartbeat of an instance and its age in seconds; `stale` says that heartbeats are missing."""

    heartbeat: Heartbeat
    age: float
    stale: bool


class _Sample(NamedTuple):
    at: Micros
    numbers: Mapping[str, float]


@dataclass(slots=True)
class ProgramInstance:
    """The newest heartbeat of an instance, and when it was received (monotonic)."""

    heartbeat: Heartbeat
    received: float
    samples: deque[_Sample] = field(default_factory=deque)

    def age(self, now: Now) -> float:
        """Seconds since that heartbeat."""
        return now.age(self.heartbeat.at, self.received)


class ProgramHealthIndex:
    """The newest heartbeat of each instance of each program."""

    def __init__(self) -> None:
        self._instances: dict[tuple[str, str], ProgramInstance] = {}
        self._own: deque[_Sample] = deque()

    def apply(self, heartbeat: Heartbeat, received: float) -> None:
        """Apply a heartbeat, received at a monotonic instant in seconds."""
        key = (heartbeat.program, heartbeat.instance)
        known = self._instances.get(key)
        if known is None:
            if len(self._instances) >= _MAX_INSTANCES:
                del self._instances[min(self._instances, key=lambda k: self._instances[k].received)]
            known = self._instances[key] = ProgramInstance(heartbeat, received)
        # The last one in the log is the newest: the clock of the sender may have been set back.
        known.heartbeat, known.received = heartbeat, received
        _append(known.samples, _Sample(heartbeat.at, heartbeat.numbers))

    def add_own_sample(self, at: Micros, numbers: Mapping[str, float]) -> None:
        """Add the metrics of this process. They are used until a program has sent a heartbeat."""
        _append(self._own, _Sample(at, numbers))

    @property
    def has_heartbeats(self) -> bool:
        """Whether any program has sent a heartbeat."""
        return bool(self._instances)

    def programs(self, now: Now) -> list[ProgramStatus]:
        """Every instance, by program. A replaced one is left out after ten minutes; the last of a program stays."""
        return [
            ProgramStatus(instance.heartbeat, age := instance.age(now), age >= STALE_AFTER)
            for own in self._by_program().values()
            for instance in own
            if instance is own[-1] or instance.age(now) < _EVICT_AFTER
        ]

    def stale(self, now: Now) -> list[Heartbeat]:
        """The newest heartbeat of each program, where it is too old."""
        return [own[-1].heartbeat for own in self._by_program().values() if own[-1].age(now) >= STALE_AFTER]

    def current(self, now: Now) -> list[Heartbeat]:
        """The newest heartbeat of each instance, where it is recent."""
        return [i.heartbeat for i in self._instances.values() if i.age(now) < STALE_AFTER]

    def of(self, program: str) -> "list[ProgramInstance]":
        """All instances of a program, also those that are gone; the one whose heartbeat came last is the last."""
        return self._by_program().get(program, [])

    def samples(self, now: Now) -> MetricSamples:
        """Counters and gauges of all running processes, added up."""
        return MetricSamples(samples[-1].numbers for samples in self._running(now))

    def rates(self, now: Now) -> MetricSamples:
        """The growth of each number per second over the last minute, or since the first heartbeat."""
        return MetricSamples(_rates(samples) for samples in self._running(now))

    def _by_program(self) -> dict[str, list[ProgramInstance]]:
        """Instances by program, sorted by name; within a program the one received last is the last."""
        found: dict[str, list[ProgramInstance]] = {}
        for (program, _), instance in sorted(self._instances.items(), key=lambda item: (item[0][0], item[1].received)):
            found.setdefault(program, []).append(instance)
        return found

    def _running(self, now: Now) -> list[deque[_Sample]]:
        if not self._instances:
            return [self._own] if self._own else []
        # Programs that share a process send the same numbers: each process is counted once.
        by_process = {
            key[1]: i.samples
            for key, i in sorted(self._instances.items(), key=lambda item: item[1].received)
            if i.age(now) < STALE_AFTER
        }
        return list(by_process.values())


def _append(samples: deque[_Sample], sample: _Sample) -> None:
    if samples and sample.at < samples[-1].at:  # the clock was set back: no rate is known yet
        samples.clear()
    samples.append(sample)
    while len(samples) > 2 and samples[1].at <= sample.at - _WINDOW:
        samples.popleft()
    while len(samples) > _MAX_INSTANCES:
        del samples[1]


def _rates(samples: deque[_Sample]) -> dict[str, float]:
    first, last = samples[0], samples[-1]
    seconds = (last.at - first.at) / SECOND
    if seconds <= 0:
        return {}
    # A counter that is smaller than before was reset by a restart of its process.
    before = {name: first.numbers.get(name, 0.0) for name in last.numbers}
    return {name: (n - before[name] if n >= before[name] else n) / seconds for name, n in last.numbers.items()}
