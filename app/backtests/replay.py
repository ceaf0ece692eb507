"""One config on the readings of the past: its engine, and the episodes that it finds."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from app.backtests.episode_collector import EpisodeCollector
from app.backtests.stored_readings import NOT_STORED
from detectors.engine.engine import Engine
from detectors.engine.result import EngineResult
from ward.clock import Micros
from ward.config.config import Config
from ward.finding import Finding, Kind
from ward.reading import Reading


class Replay:
    """Evaluates readings with a config, or with some of its `rules`; episodes count from `start` on.

    `out_of_order` is the number of values that came after newer ones, `failures` what detectors raised, by their name.
    """

    def __init__(self, config: Config, start: Micros, rules: Sequence[str] = ()) -> None:
        self.config = replace(config, rules=tuple(rule for rule in config.rules if not rules or rule.name in rules))
        self.episodes = EpisodeCollector(start)
        self.out_of_order = 0
        self.failures: dict[str, Exception] = {}
        self._engine = Engine(self.config)

    def add(self, readings: Sequence[Reading], end: Micros) -> None:
        """Evaluate the next readings, in the order of their times, and then that none came until `end`."""
        found = self._findings(self._engine.evaluate(readings)) + self._findings(self._engine.advance(end))
        for finding in sorted(found, key=lambda f: f.received_at):
            self.episodes.add(finding)

    @cached_property
    def rules_without_data(self) -> list[str]:
        """Rules whose signals are not in the store: they find nothing here."""
        return [rule.name for rule in self.config.rules if rule.signals and set(rule.signals) <= NOT_STORED]

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Whether each rule is about a patient or about equipment."""
        return {rule.name: rule.kind for rule in self.config.rules}

    def _findings(self, result: EngineResult) -> list[Finding]:
        self.out_of_order += result.out_of_order
        self.failures |= result.failures
        return result.findings
