"""The catalogue of signals: units, texts and plausible ranges."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Measurement = Literal["vitals", "telemetry"]
_MOST_DIGITS = 6  # after the point


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One measured quantity.

    `unit` is a UCUM code, `display` the text of the unit. `low` and `high` are the plausible range: a value outside is
    a problem of the sensor, not of the patient. `every` is the expected period in seconds, or
    None for readings without a fixed period. `longest_delay` has, by severity, how many seconds rules may wait at most
    before they raise an alert. `gravity` orders alerts of equal severity, 1 is the gravest; `scale` is
    what the small curves of the screens reach from and to. `observed` is whether people observe it and enter it;
    `codes` is what some values mean, `other_values` what all others do, and `caution` what whoever enters it must know.
    `lasting` is whether it stays the same for a whole stay, as age: then it never goes stale.
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
    longest_delay: Mapping[str, float] = field(default_factory=dict, hash=False)
    gravity: int | None = None
    scale: tuple[float, float] | None = None
    observed: bool = False
    codes: Mapping[float, str] = field(default_factory=dict, hash=False)
    other_values: str = ""
    caution: str = ""
    lasting: bool = False

    def plausible(self, value: float) -> bool:
        """Whether a value is in the plausible range."""
        return self.low <= value <= self.high

    def show(self, value: float) -> str:
        """The value as it is shown, at the precision of the instrument, without its unit."""
        return f"{value:.{self.precision}f}"

    def in_words(self, value: float) -> str:
        """What a value means where that has words, else the value with its unit: `Alert`, `On oxygen, 2 L/min`."""
        if value in self.codes:
            return self.codes[value]
        shown = f"{self.show(value)} {self.display}".strip()
        return f"{self.other_values}, {shown}" if self.other_values else shown

    def show_limit(self, limit: float) -> str:
        """A limit at the precision of the instrument, or at its own where that is finer: 0.5 is not shown as `0`."""
        shown = self.show(limit)
        return shown if abs(float(shown) - limit) < 1e-9 * max(1.0, abs(limit)) else f"{limit:.6g}"

    def show_beside(self, value: float, limit: float | None, more_digits: int = 0) -> str:
        """A value beside its limit, in so many digits that it is not rounded onto or across it: 84.6 below 85 is not
        shown as `85`. One that differs from the limit by less than six digits show is shown as the limit."""
        if limit is None:
            return self.show(value)
        shown = self.show_limit(limit)
        digits = range(self.precision + more_digits, _MOST_DIGITS + 1)
        texts = (f"{value:.{n}f}" for n in digits)
        return next((text for text in texts if _side(float(text), float(shown)) == _side(value, limit)), shown)


class Catalogue(Mapping[str, Signal]):
    """All signals by name; a signal that is not in it is stored as telemetry under its own name."""

    def __init__(self, signals: Mapping[str, Signal] | None = None) -> None:
        self._signals = dict(signals or {})
        gravest = sorted(self._signals.values(), key=lambda s: (s.gravity is None, s.gravity or 0))
        self._gravity = {signal.name: place for place, signal in enumerate(gravest, 1)}

    def __getitem__(self, name: str) -> Signal:
        return self._signals[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._signals)

    def __len__(self) -> int:
        return len(self._signals)

    def gravity(self, name: str) -> int:
        """The place of a signal by gravity, the gravest first: those with a `gravity`, then the others in the order of
        the catalogue, then unknown ones. An alert of no single signal, as of a score, is about the whole patient."""
        if not name:
            return 0
        return self._gravity.get(name, len(self._gravity) + 1)

    def known(self, name: str) -> Signal:
        """The signal; for an unknown name one without limits and unit."""
        return self._signals.get(name) or Signal(name=name, label=name, unit="1", display="", precision=2)

    def vitals(self) -> tuple[Signal, ...]:
        """The signals of a patient, in the order of the catalogue."""
        return tuple(s for s in self._signals.values() if s.measurement == "vitals")


def _side(value: float, limit: float) -> int:
    """1 above the limit, -1 below it, 0 on it."""
    return (value > limit) - (value < limit)
