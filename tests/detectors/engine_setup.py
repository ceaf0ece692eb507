"""An engine on a small ward, and the findings that it makes."""

from collections.abc import Iterable
from typing import Any

from detectors.engine.engine import Engine
from tests.detectors.builders import at, reading
from ward.config.config import Config
from ward.finding import Finding
from ward.reading import Flag, Reading


class EngineSetup:
    """An engine, and all its findings so far."""

    def __init__(self, config: Config) -> None:
        self.engine = Engine(config)
        self.engine.add_expected(config.inventory.devices, at(0))
        self.found: list[Finding] = []
        self.out_of_order = self.too_large = 0

    def receive(self, *readings: Reading) -> list[str]:
        result = self.engine.evaluate(readings)
        self.out_of_order += result.out_of_order
        self.too_large += result.too_large
        return self._note(result.findings)

    def advance(self, until: float) -> list[str]:
        return self._note(self.engine.advance(at(until)).findings)

    def configure(self, config: Config, now: float) -> list[str]:
        return self._note(self.engine.configure(config, at(now)).findings)

    def _note(self, findings: Iterable[Finding]) -> list[str]:
        self.found += (new := list(findings))
        return [f"{f.rule} {f.device} {f.transition} {f.ended or f.severity}" for f in new]


def heart_rates(device: str, values: dict[float, float], **rest: Any) -> list[Reading]:
    return [reading(device, t, heart_rate=x, **rest) for t, x in values.items()]


def status(device: str, t: float, online: float = 1) -> Reading:
    """A status message of the broker about a device."""
    return reading(device, t, online=online, flags=int(Flag.STATUS))
