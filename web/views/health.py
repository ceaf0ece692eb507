"""How the programs are: what each said last, when, and how fast its counters count."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ward.clock import SECOND, Micros, format_instant
from ward.ids import printable
from ward.wire import Health
from web.shapes import ProgramShape
from web.views.numbers import Numbers

SILENT = 15 * SECOND  # a program that has said nothing for so long may be dead
_WINDOW = 60 * SECOND  # rates are means over this, once there is so much
_FORGET = 600 * SECOND  # an instance that was replaced is of no interest for longer
_MOST = 500


class _Sample(NamedTuple):
    at: Micros
    numbers: Mapping[str, float]


@dataclass(slots=True)
class _Instance:
    health: Health
    samples: deque[_Sample] = field(default_factory=deque)


class HealthBook:
    """The newest health of each instance of each program."""

    def __init__(self) -> None:
        self._instances: dict[tuple[str, str], _Instance] = {}
        self._own: deque[_Sample] = deque()

    def take(self, health: Health) -> None:
        """Fold one in."""
        key = (health.program, health.instance)
        known = self._instances.get(key)
        if known is None:
            if len(self._instances) >= _MOST:
                del self._instances[min(self._instances, key=lambda k: self._instances[k].health.at)]
            known = self._instances[key] = _Instance(health)
        if health.at >= known.health.at:
            known.health = health
            _append(known.samples, _Sample(health.at, health.numbers))

    def sample(self, at: Micros, numbers: Mapping[str, float]) -> None:
        """This process's own numbers: shown while no program has said anything about itself."""
        _append(self._own, _Sample(at, numbers))

    @property
    def heard(self) -> bool:
        """Whether any program has ever said how it is."""
        return bool(self._instances)

    def programs(self, now: Micros) -> list[ProgramShape]:
        """Every instance by program. One that was replaced goes after a while, the last of a program never does."""
        shown = []
        for program in sorted({program for program, _ in self._instances}):
            own = sorted((i.health for (p, _), i in self._instances.items() if p == program), key=lambda h: h.at)
            shown += [h for h in own if h is own[-1] or now - h.at < _FORGET]
        return [_program(health, now) for health in shown]

    def silent(self, now: Micros) -> list[Health]:
        """The last word of each program of which no instance has been heard for long."""
        last: dict[str, Health] = {}
        for (program, _), instance in self._instances.items():
            if program not in last or instance.health.at > last[program].at:
                last[program] = instance.health
        return [last[p] for p in sorted(last) if now - last[p].at >= SILENT]

    def current(self, now: Micros) -> list[Health]:
        """The health of the instances that are alive."""
        return [i.health for i in self._instances.values() if now - i.health.at < SILENT]

    def numbers(self, now: Micros) -> Numbers:
        """Counters and gauges of all processes that are alive."""
        return Numbers(samples[-1].numbers for samples in self._alive(now))

    def rates(self, now: Micros) -> Numbers:
        """How much each number grew a second, over the last minute or what there is of it."""
        return Numbers(_rates(samples) for samples in self._alive(now))

    def _alive(self, now: Micros) -> list[deque[_Sample]]:
        if not self._instances:
            return [self._own] if self._own else []
        # Programs that share a process share its numbers: counting them once is enough.
        by_process = {
            key[1]: i.samples
            for key, i in sorted(self._instances.items(), key=lambda item: item[1].health.at)
            if now - i.health.at < SILENT
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


def _program(health: Health, now: Micros) -> ProgramShape:
    return {
        "program": printable(health.program, 60),
        "instance": printable(health.instance, 80),
        "age": max(0.0, (now - health.at) / SECOND),
        "started": format_instant(health.started),
        "config": printable(health.config, 64),
        "trouble": [printable(text, 300) for text in health.trouble],
        "reload_error": printable(health.reload_error, 600),
        "silent": now - health.at >= SILENT,
    }
