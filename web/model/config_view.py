"""A config with the places and limits derived from it once."""

from collections.abc import Sequence
from functools import cached_property, lru_cache

from ward.config.config import Config
from ward.config.matcher_reach import MatcherReach
from ward.matcher import Matcher
from ward.signals import Signal
from web.model.bed_devices import BedDevices
from web.model.limits import Limits

_MOST_LISTS = 2000  # of matchers that are remembered: more than there may be silences


class ConfigView:
    """One view for each config: a reload makes a new one."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.catalogue = config.catalogue
        self.inventory = config.inventory
        self.places = BedDevices(config.inventory)
        self.limits = Limits(config)
        self._no_match = lru_cache(_MOST_LISTS)(lambda matchers: tuple(self._reach.warnings(matchers)))
        self.rules = {rule.name: rule.label for rule in config.rules}
        self.score_rules = tuple(rule for rule in config.rules if rule.scope == "bed" and rule.params.output)
        self.vitals = tuple(signal.name for signal in config.catalogue.vitals())

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.catalogue)}

    def order(self, signal: str) -> tuple[int, str]:
        """Sort key of signals: the order of the catalogue, then unknown ones by name."""
        return self._order.get(signal, len(self._order)), signal

    def period(self, device: str, signal: str) -> float | None:
        """The expected seconds between two readings, by inventory or catalogue; None where neither has them."""
        expected = self.inventory.expected(device).get(signal)
        return expected if expected is not None else self.signal(signal).every

    @cached_property
    def _reach(self) -> MatcherReach:
        config = self.config
        channels = [channel.name for channel in config.alerting.channels]
        return MatcherReach.of(config.inventory, config.catalogue, config.rules, channels)

    def no_match(self, matchers: tuple[Matcher, ...]) -> Sequence[str]:
        """Why these matchers match no alert that the config can raise, a sentence each; empty where they may."""
        return self._no_match(matchers)

    def signal(self, name: str) -> Signal:
        """The signal of a name; one with default properties where the catalogue has none."""
        return self.catalogue.known(name)
