"""The catalogue of signals: what a number means, how it is shown, and when it cannot be true."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Measurement = Literal["vitals", "telemetry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One measured quantity.

    `unit` is UCUM, `display` what people read. `low` and `high` bound what is *plausible*: outside
    them a value tells of the sensor, not of the patient. `every` is the expected period in seconds,
    or None where readings come when something happens.
    """

    name: str
    label: str
    unit: str
    display: str
    precision: int = 1
    low: float = float("-inf")
    high: float = float("inf")
    every: float | None = None
    measurement: Measurement = "telemetry"
    loinc: str | None = None

    def plausible(self, value: float) -> bool:
        """Whether such a value can have been measured at all."""
        return self.low <= value <= self.high

    def show(self, value: float) -> str:
        """The value as it is shown, at the precision of the instrument, without its unit."""
        return f"{value:.{self.precision}f}"


class Catalogue(Mapping[str, Signal]):
    """All signals by name; a signal that is not in it is kept as telemetry under its own name."""

    def __init__(self, signals: Mapping[str, Signal] | None = None) -> None:
        self._signals = dict(signals or {})

    def __getitem__(self, name: str) -> Signal:
        return self._signals[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._signals)

    def __len__(self) -> int:
        return len(self._signals)

    def known(self, name: str) -> Signal:
        """The signal, or for an unknown name one that bounds nothing and is shown as it came."""
        return self._signals.get(name) or Signal(name=name, label=name, unit="1", display="", precision=2)

    def vitals(self) -> tuple[Signal, ...]:
        """The signals of a patient, in the order of the catalogue."""
        return tuple(s for s in self._signals.values() if s.measurement == "vitals")
