"""The ward's limits, as thresholds of panels and in words."""

from collections.abc import Iterator

from grafana_foundation_sdk.models.dashboard import Threshold

from grafana.palette import HIGH, LOW, MEDIUM
from ward.config.config import Config
from ward.config.rule import Override, Rule

_COLOURS = {"low": LOW, "medium": MEDIUM, "high": HIGH}
_INSIDE = "transparent"


def thresholds(config: Config, signal: str, inside: str = _INSIDE) -> list[Threshold]:
    """Where which colour begins, from below: the limits that hold for everyone, of `thresholds.yaml`."""
    below = sorted((value, name) for side, name, value in _limits(config, signal) if side == "low")
    above = sorted((value, name) for side, name, value in _limits(config, signal) if side == "high")
    steps = [Threshold(color=_COLOURS[below[0][1]] if below else inside)]
    for i, (value, _) in enumerate(below):
        follows = _COLOURS[below[i + 1][1]] if i + 1 < len(below) else inside
        steps.append(Threshold(value=value, color=follows))
    return steps + [Threshold(value=value, color=_COLOURS[name]) for value, name in above]


def spoken(config: Config, signal: str) -> str:
    """The same in words, and for whom there are others."""
    unit = config.catalogue.known(signal).display
    sides = {"low": "below", "high": "above"}
    found = [f"{name.upper()} {sides[side]} {value:g} {unit}" for side, name, value in _limits(config, signal)]
    said = f"Limits for everyone: {', '.join(found)}." if found else "There is no limit for it."
    others = sorted({_whom(override) for rule in _rules(config, signal) for override in rule.overrides})
    return f"{said} Others hold for {', '.join(others)}." if others else said


def _limits(config: Config, signal: str) -> Iterator[tuple[str, str, float]]:
    for rule in _rules(config, signal):
        for name in _COLOURS:
            value = rule.settings.get(name)
            if value is not None:
                yield str(rule.settings["side"]), name, float(value)


def _rules(config: Config, signal: str) -> list[Rule]:
    return [rule for rule in config.rules if rule.detector == "limits" and signal in rule.signals]


def _whom(override: Override) -> str:
    given = override.where.model_dump(exclude_defaults=True)
    return " ".join(f"{name} {' or '.join(values)}" for name, values in given.items())
