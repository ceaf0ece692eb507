"""A config with the places and limits derived from it once."""

from functools import cached_property

from ward.config.config import Config
from ward.signals import Signal
from web.model.bed_devices import BedDevices
from web.model.limits import Limits


class ConfigView:
    """One view for each config: a reload makes a new one."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.catalogue = config.catalogue
        self.inventory = config.inventory
        self.places = BedDevices(config.inventory)
        self.limits = Limits(config)
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

    def signal(self, name: str) -> Signal:
        """The signal of a name; one with default properties where the catalogue has none."""
        return self.catalogue.known(name)
