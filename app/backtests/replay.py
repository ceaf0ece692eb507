"""One config on the readings of the past: its engines of devices and of beds, and the episodes that they find."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from app.backtests.episode_collector import EpisodeCollector
from app.backtests.stored_devices import StoredDevice
from app.backtests.stored_readings import NOT_STORED
from app.console.detector_failure import detector_failure
from detectors.beds.config_view import bed_config
from detectors.engine.engine import Engine
from detectors.engine.result import EngineResult
from detectors.peers.subject import cohort_of
from ward.clock import Micros
from ward.config.config import Config
from ward.config.yaml.fault import ConfigFault
from ward.finding import Finding, Kind
from ward.reading import Reading

# So many means of windows are compared at a time.
_MEANS = 5000


class Replay:
    """Evaluates readings with a config, or with some of its `rules`; episodes count from `start` on.

    `out_of_order` is the number of values that came after newer ones, `failures` where
    detectors raised, by their name: as faults, which can be sent from one process to another, unlike what was raised.
    `means` are what rules about cohorts compare: of all devices, so `finish_cohorts` follows when all are there.
    Rules that are the same in `other`, a replay of the same readings, are not evaluated again: their episodes are those
    of the other one.
    """

    def __init__(
        self, config: Config, start: Micros, rules: Sequence[str] = (), other: "Replay | None" = None
    ) -> None:  # fmt: skip
        self.config = replace(config, rules=tuple(rule for rule in config.rules if not rules or rule.name in rules))
        self.episodes = EpisodeCollector(start)
        self.out_of_order = 0
        self.failures: dict[str, ConfigFault] = {}
        self._other = other
        same = other.config.rules if other is not None and _same_places(config, other.config) else ()
        self._shared = frozenset(rule.name for rule in self.config.rules if rule in same)
        own = tuple(rule for rule in self.config.rules if rule.name not in self._shared)
        evaluated = replace(self.config, rules=own)
        self._devices = Engine(evaluated, scope="device")
        self.means: list[Reading] = []
        self._cohorts = EpisodeCollector(start)
        of_beds = any(rule.scope != "device" for rule in own)
        self._beds = Engine(bed_config(evaluated), scope="bed") if of_beds else None

    def add(self, devices: Sequence[StoredDevice], end: Micros) -> None:
        """Evaluate the next readings of all devices, and then that none came until `end`."""
        columns, readings = [], []
        for device in devices:
            if self._devices.indexer.takes_columns(device.device) and device.columns is not None:
                columns.append(device.columns)
            else:
                readings += device.readings
        readings.sort(key=lambda reading: reading.at)
        evaluated = self._devices.evaluate_columns(columns, readings)
        found = self._findings(evaluated) + self._findings(self._devices.advance(end))
        if self._beds is not None:
            self.means += [one.reading for one in evaluated.bed_readings if cohort_of(one.reading.device)]
            found += self._findings(self._beds.evaluate(_chosen(self._beds, evaluated)))
            found += self._findings(self._beds.advance(end))
        for finding in sorted(found, key=lambda f: f.received_at):
            self.episodes.add(finding)

    def finish(self, end: Micros) -> None:
        """End the replay at `end`, after the other one: an active episode counts with its duration until then."""
        self.episodes.finish(end)
        if self._other is not None:
            self.episodes.take_over(self._other.episodes, self._shared)
            self.out_of_order = self._other.out_of_order

    def finish_cohorts(self, end: Micros) -> None:
        """Compare devices of a kind up to `end`, after the other replay: call it once, when `means` are of all
        devices and both replays have ended."""
        if self._beds is not None and self.means:
            means = sorted(self.means, key=lambda one: (one.received_at, one.boot))
            for start in range(0, len(means), _MEANS):
                self._add_to_cohorts(self._beds.evaluate(means[start : start + _MEANS]))
            self._add_to_cohorts(self._beds.advance(end))
        self._cohorts.finish(end)
        if self._other is not None:
            self._cohorts.take_over(self._other._cohorts, self._shared)
        self.episodes.merge(self._cohorts)

    def merge(
        self, episodes: EpisodeCollector, out_of_order: int, failures: Mapping[str, ConfigFault],
        means: Sequence[Reading],
    ) -> None:  # fmt: skip
        """Add what the same config found for other devices; both have ended."""
        self.means += means
        self.episodes.merge(episodes)
        self.out_of_order += out_of_order
        self.failures |= failures

    @cached_property
    def rules_without_data(self) -> list[str]:
        """Rules whose signals are not in the store: they find nothing here."""
        return [rule.name for rule in self.config.rules if rule.signals and set(rule.signals) <= NOT_STORED]

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Whether each rule is about a patient or about equipment."""
        return {rule.name: rule.kind for rule in self.config.rules}

    def _add_to_cohorts(self, result: EngineResult) -> None:
        for finding in sorted(self._findings(result), key=lambda f: f.received_at):
            self._cohorts.add(finding)

    def _findings(self, result: EngineResult) -> list[Finding]:
        self.out_of_order += result.out_of_order
        for name, error in result.failures.items():
            self.failures.setdefault(name, detector_failure(error, name))
        return result.findings


def _chosen(beds: Engine, evaluated: EngineResult) -> Iterator[Reading]:
    """What was forwarded to beds, of several devices that measure one signal those of one."""
    assert beds.sources is not None
    for forwarded in evaluated.bed_readings:
        chosen = None if cohort_of(forwarded.reading.device) else beds.sources.choose(forwarded.reading)
        if chosen is not None:
            yield chosen


def _same_places(one: Config, other: Config) -> bool:
    """Whether signals, devices, beds and patients are the same: then a rule that is the same finds the same."""
    places = ((c.wards, c.beds, c.device_kinds, c.devices, c.stays) for c in (one.inventory, other.inventory))
    return one.catalogue == other.catalogue and next(places) == next(places)
