"""The past judged again: readings of the store through the engine, with the time of that time.

store: vitals, telemetry ─windows─▶ readings ─▶ engine ─▶ findings ─▶ episodes
store: findings ───────────────────────────────────────────────────▶ episodes, to compare
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from app.backtests.episode_collector import EpisodeCollector
from app.backtests.stored_history import HOUR, StoredHistory
from app.backtests.stored_readings import MEASUREMENTS, NOT_STORED, readings
from detectors.engine.engine import Engine
from detectors.engine.engine_result import EngineResult
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Finding
from ward.ports import Event, Store
from ward.simulated_past import is_simulated

# A batch for the engine: what a worker takes at most in one step.
BATCH = 5000
MINUTE: Micros = 60 * SECOND


@dataclass
class Backtest:
    """Judges [start, end) with a config, after `warm_up` before it, in which detectors only learn.

    `beds` and `rules` choose; none of them is all. Nothing but the window at hand and the episodes is held.
    """

    store: Store
    config: Config
    start: Micros
    end: Micros
    warm_up: Micros = HOUR
    beds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    readings: int = 0
    late: int = 0
    simulated: int = 0
    bed_minutes: int = 0
    failures: dict[str, Exception] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._watched: dict[str, int] = {}
        self.would_be, self.really = EpisodeCollector(self.start), EpisodeCollector(self.start)

    def run(self) -> Iterator[Micros]:
        """Judge it all; tells up to when after each window."""
        engine = Engine(self._config)
        begin = self.start - self.warm_up
        engine.expect(self._devices, begin)
        for window in StoredHistory(self.store, MEASUREMENTS, self.beds).windows(begin, self.end):
            events = self._measured(window.events)
            self._watch(events)
            found: list[Finding] = []
            mine = readings(events)
            for i in range(0, len(mine), BATCH):
                found += self._note(engine.evaluate(mine[i : i + BATCH]))
            found += self._note(engine.advance(window.end))
            self.readings += sum(reading.at >= self.start for reading in mine)
            for finding in sorted(found, key=lambda f: f.seen):
                self.would_be.take(finding)
            yield window.end
        self.would_be.finish(self.end)

    def compare(self) -> Iterator[Micros]:
        """Recall what was really found in that time; tells up to when."""
        begin, wanted = self.start - self.warm_up, self.rules
        for window in StoredHistory(self.store, ("findings",), self.beds).windows(begin, self.end):
            self.really.recall([event for event in window.events if not is_simulated(event)], wanted)
            yield window.end
        self.really.finish(self.end)

    @property
    def bed_days(self) -> float:
        """For how long beds were watched in all, counted in minutes in which anything came of them."""
        return self.bed_minutes / 1440

    @cached_property
    def blind(self) -> list[str]:
        """Rules of what the store does not know: they find nothing here, whatever was."""
        return [rule.name for rule in self._config.rules if rule.signals and set(rule.signals) <= NOT_STORED]

    @cached_property
    def _config(self) -> Config:
        chosen = [rule for rule in self.config.rules if not self.rules or rule.name in self.rules]
        return replace(self.config, rules=tuple(chosen))

    @property
    def _devices(self) -> list[str]:
        """The devices to be missed: all of the inventory, or those that stood at one of the beds in that time."""
        devices = self.config.inventory.devices.values()
        if not self.beds:
            return [device.id for device in devices]
        return [
            device.id for device in devices if any(assignment.bed in self.beds for assignment in device.assignments)
        ]

    def _measured(self, events: Sequence[Event]) -> list[Event]:
        """Without the points of a simulated past: they are too far apart for rules about seconds, and of nobody."""
        found = [event for event in events if not is_simulated(event)]
        self.simulated += len(events) - len(found)
        return found

    def _watch(self, events: Iterable[Event]) -> None:
        """Count the minutes in which anything came of a bed."""
        for event in events:
            bed, minute = event.tags.get("bed"), event.at // MINUTE
            if bed and event.at >= self.start and minute > self._watched.get(bed, -1):
                self._watched[bed] = minute
                self.bed_minutes += 1

    def _note(self, result: EngineResult) -> list[Finding]:
        self.late += result.late
        self.failures |= result.failures
        return result.findings
