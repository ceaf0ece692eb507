"""How the programs are: what each said last, when, and how fast its counters count."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ward.clock import SECOND, Micros, format_instant
from ward.ids import printable
from ward.wire import Health
from web.model.instant import Instant
from web.model.metric_samples import MetricSamples
from web.schemas import ProgramSchema

SILENT = 15.0  # seconds without a word after which a program may be dead
_WINDOW = 60 * SECOND  # rates are means over this, once there is so much
_FORGET = 600.0  # an instance that was replaced is of no interest for longer
_MOST = 500


class _Sample(NamedTuple):
    at: Micros
    numbers: Mapping[str, float]


@dataclass(slots=True)
class _Instance:
    health: Health
    came: float
    samples: deque[_Sample] = field(default_factory=deque)

    def age(self, now: Instant) -> float:
        return now.since(self.health.at, self.came)


class ProgramHealthIndex:
    """The newest health of each instance of each program."""

    def __init__(self) -> None:
        self._instances: dict[tuple[str, str], _Instance] = {}
        self._own: deque[_Sample] = deque()

    def take(self, health: Health, came: float) -> None:
        """Fold one in."""
        key = (health.program, health.instance)
        known = self._instances.get(key)
        if known is None:
            if len(self._instances) >= _MOST:
                del self._instances[min(self._instances, key=lambda k: self._instances[k].health.at)]
            known = self._instances[key] = _Instance(health, came)
        # The log's order counts, not the clock of whoever wrote: that one may have been set back.
        known.health, known.came = health, came
        _append(known.samples, _Sample(health.at, health.numbers))

    def sample(self, at: Micros, numbers: Mapping[str, float]) -> None:
        """This process's own numbers: shown while no program has said anything about itself."""
        _append(self._own, _Sample(at, numbers))

    @property
    def heard(self) -> bool:
        """Whether any program has ever said how it is."""
        return bool(self._instances)

    def programs(self, now: Instant) -> list[ProgramSchema]:
        """Every instance by program. One that was replaced goes after a while, the last of a program never does."""
        return [
            _program(instance.health, instance.age(now))
            for own in self._by_program().values()
            for instance in own
            if instance is own[-1] or instance.age(now) < _FORGET
        ]

    def silent(self, now: Instant) -> list[Health]:
        """The last word of each program of which no instance has been heard for long."""
        return [own[-1].health for own in self._by_program().values() if own[-1].age(now) >= SILENT]

    def current(self, now: Instant) -> list[Health]:
        """The health of the instances that are alive."""
        return [i.health for i in self._instances.values() if i.age(now) < SILENT]

    def numbers(self, now: Instant) -> MetricSamples:
        """Counters and gauges of all processes that are alive."""
        return MetricSamples(samples[-1].numbers for samples in self._alive(now))

    def rates(self, now: Instant) -> MetricSamples:
        """How much each number grew a second, over the last minute or what there is of it."""
        return MetricSamples(_rates(samples) for samples in self._alive(now))

    def _by_program(self) -> dict[str, list[_Instance]]:
        """Instances by program, by name, the one heard last being the last."""
        found: dict[str, list[_Instance]] = {}
        for (program, _), instance in sorted(self._instances.items(), key=lambda item: (item[0][0], item[1].came)):
            found.setdefault(program, []).append(instance)
        return found

    def _alive(self, now: Instant) -> list[deque[_Sample]]:
        if not self._instances:
            return [self._own] if self._own else []
        # Programs that share a process share its numbers: counting them once is enough.
        by_process = {
            key[1]: i.samples
            for key, i in sorted(self._instances.items(), key=lambda item: item[1].health.at)
            if i.age(now) < SILENT
        }
        return list(by_process.values())


def _append(samples: deque[_Sample], sample: _Sample) -> None:
    samples.append(sample)
    while len(samples) > 2 and samples[1].at <= sample.at - _WINDOW:
        samples.popleft()
    while len(samples) > _MOST:
        del samples[1]


def _rates(samples: deque[_Sample]) -> dict[str, float]:
    first, last = samples[0], samples[-1]
    span = (last.at - first.at) / SECOND
    if span <= 0:
        return {}
    # A counter that is smaller than before began anew with its process.
    before = {name: first.numbers.get(name, 0.0) for name in last.numbers}
    return {name: (n - before[name] if n >= before[name] else n) / span for name, n in last.numbers.items()}


def _program(health: Health, age: float) -> ProgramSchema:
    return {
        "program": printable(health.program, 60),
        "instance": printable(health.instance, 80),
        "age": age,
        "started": format_instant(health.started),
        "config": printable(health.config, 64),
        "problems": [printable(text, 300) for text in health.problems],
        "reload_error": printable(health.reload_error, 600),
        "silent": age >= SILENT,
    }
