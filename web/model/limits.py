"""The limits that hold for a device at a place, as drawn on curves and written beside values."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ward.config.config import Config
from ward.config.rule import Rule
from ward.inventory import Place

DETECTOR = "limits"
_SEVERITIES = ("low", "medium", "high")  # parameters of the limits detector: one limit for each severity


@dataclass(slots=True)
class SignalLimits:
    """Limits of one signal by severity: a value below `low` or above `high` raises an alert."""

    low: dict[str, float] = field(default_factory=dict)
    high: dict[str, float] = field(default_factory=dict)

    @property
    def first_low(self) -> float | None:
        """The lower limit that a falling value crosses first."""
        return max(self.low.values(), default=None)

    @property
    def first_high(self) -> float | None:
        """The upper limit that a rising value crosses first."""
        return min(self.high.values(), default=None)


class Limits:
    """Limits by device and place, computed at the first call and cached."""

    def __init__(self, config: Config) -> None:
        self._rules = [rule for rule in config.rules if rule.detector == DETECTOR]
        self._upper = {rule.name: rule.settings.get("side") == "high" for rule in self._rules}
        self._found: dict[tuple[str, Place], dict[str, SignalLimits]] = {}

    def upper(self, rule: str) -> bool | None:
        """Whether a rule has upper limits; None where it has no limits."""
        return self._upper.get(rule)

    def of(self, device: str, place: Place) -> dict[str, SignalLimits]:
        """The limits of each signal that has any at that place."""
        key = (device, place)
        if key not in self._found:
            if len(self._found) > 50_000:
                self._found.clear()
            self._found[key] = _limits(self._rules, device, place)
        return self._found[key]


def _limits(rules: Iterable[Rule], device: str, place: Place) -> dict[str, SignalLimits]:
    found: dict[str, SignalLimits] = {}
    for rule in rules:
        resolved = rule.resolve(device, place)
        if resolved is None:
            continue
        params = resolved.params.model_dump()
        by_severity = {name: params[name] for name in _SEVERITIES if params.get(name) is not None}
        for signal in rule.signals:
            limits = found.setdefault(signal, SignalLimits())
            (limits.high if params.get("side") == "high" else limits.low).update(by_severity)
    return found
