"""The limits that hold for a device at a place: what is drawn on curves and written beside numbers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ward.config.config import Config
from ward.config.rule import Rule
from ward.inventory import Place

DETECTOR = "limits"
_BANDS = ("low", "medium", "high")  # the names of its severities in the parameters of the limits detector


@dataclass(slots=True)
class Sides:
    """Limits of one signal by severity: below `low` or above `high` a value is wrong."""

    low: dict[str, float] = field(default_factory=dict)
    high: dict[str, float] = field(default_factory=dict)

    @property
    def first_low(self) -> float | None:
        """The lower limit met first."""
        return max(self.low.values(), default=None)

    @property
    def first_high(self) -> float | None:
        """The upper limit met first."""
        return min(self.high.values(), default=None)


class Limits:
    """Limits by device and place, worked out when first asked for."""

    def __init__(self, config: Config) -> None:
        self._rules = [rule for rule in config.rules if rule.detector == DETECTOR]
        self._found: dict[tuple[str, Place], dict[str, Sides]] = {}

    def of(self, device: str, place: Place) -> dict[str, Sides]:
        """The sides of each signal that has limits there."""
        key = (device, place)
        if key not in self._found:
            if len(self._found) > 50_000:
                self._found.clear()
            self._found[key] = _sides(self._rules, device, place)
        return self._found[key]


def _sides(rules: Iterable[Rule], device: str, place: Place) -> dict[str, Sides]:
    found: dict[str, Sides] = {}
    for rule in rules:
        resolved = rule.resolve(device, place)
        if resolved is None:
            continue
        params = resolved.params.model_dump()
        bands = {name: params[name] for name in _BANDS if params.get(name) is not None}
        for signal in rule.signals:
            sides = found.setdefault(signal, Sides())
            (sides.high if params.get("side") == "high" else sides.low).update(bands)
    return found
